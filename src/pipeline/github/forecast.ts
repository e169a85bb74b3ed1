import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { RepositoryRow } from '../../db/candidates.ts'
import { defaultBranch, type Mirror, updateMirror } from '../../git/index.ts'
import {
  detailsAtOnce,
  type GitHubClient,
  type GitHubCost,
  type ListedPull,
  type PullPage,
} from '../../github/index.ts'
import { isFound, openDiscovery } from '../../intake/index.ts'
import type { PullLine, Reason } from '../../model/index.ts'
import { bytesOf } from '../folder-bytes.ts'
import { type Forecast, forecastOf } from '../forecast.ts'
import { judgeBatch } from '../judge-pulls.ts'
import { processFolder } from '../process-folders.ts'
import { type BackfillBounds, bounded } from './backfill.ts'
import { type GitHubIntake, readPage } from './take-in-pulls.ts'

export interface ForecastOptions {
  readonly bounds: BackfillBounds
  /** Candidates that would be worked on side by side. */
  readonly concurrency: number
  /** The data folder: a repository that has no row yet has its mirror there meanwhile. */
  readonly home: string
}

/** What a backfill of a repository would list, propose, and likely bring and take. */
export interface BackfillForecast {
  /** Merged pulls by GitHub's list. */
  readonly pulls: number
  /** Those of them within the bounds. */
  readonly within: number
  readonly candidates: number
  readonly refused: Readonly<Partial<Record<Reason, number>>>
  readonly forecast: Forecast
  /** What the backfill would ask of GitHub, and how long that takes, waiting for the next hour's budget included. */
  readonly requests: GitHubCost & { readonly seconds: number }
}

/** Facts, two settings files: what a backfill reads by REST before it begins. */
const restRequests = 3
/** Points by GitHub's rule, which counts a hundred connections as one: a page has 201, a pull in detail 33 (src/github/queries.ts). */
const pointsOfPage = 2
const pointsOfDetails = 0.33
/** What a backfill may take of an hour: the rest is live events'. */
const pointsAnHour = 4000

/**
 * Judges a repository's merged pulls as its backfill would, by GitHub's list and git; nothing is stored but the mirror. Their details, which cost most, are
 * not read: that a pull closes an issue is told by the list, so that one that closes issues elsewhere counts, too.
 */
export async function forecastBackfill(
  intake: GitHubIntake,
  row: RepositoryRow,
  client: GitHubClient,
  options: ForecastOptions,
): Promise<BackfillForecast> {
  const began = performance.now()
  const pages = await pagesWithin(intake, row, client, options.bounds)
  const secondsOfPage = (performance.now() - began) / 1000 / pages.length
  return withMirrorOf(intake, row, options.home, async (mirror) => {
    const judged = await judgePages(intake, row, mirror, pages)
    const queries = pages.length + judged.detailQueries
    const points = pages.length * pointsOfPage + judged.detailPoints
    const waits = Math.floor(points / pointsAnHour) * 3600
    return {
      pulls: pages[0]?.total ?? 0,
      within: judged.within,
      candidates: judged.candidates,
      refused: judged.refused,
      forecast: await forecastOf(intake.db, row.id === 0 ? null : row.id, {
        candidates: judged.candidates,
        mirrorBytes: await bytesOf(mirror.folder),
        concurrency: options.concurrency,
      }),
      requests: {
        ...{ rest: restRequests, graphql: queries, points },
        seconds: Math.ceil(secondsOfPage * (queries + restRequests)) + waits,
      },
    }
  })
}

type Page = Pick<PullPage, 'pulls' | 'total'>

/** The pages that the backfill would read, of each the pulls that it would take in. */
async function pagesWithin(
  { signal }: GitHubIntake,
  row: RepositoryRow,
  client: GitHubClient,
  bounds: BackfillBounds,
): Promise<Page[]> {
  const pages: Page[] = []
  const reading = bounded(bounds)
  for (let state = reading.start; !state.done; ) {
    signal.throwIfAborted()
    const page = await readPage(client, row, { after: state.cursor })
    pages.push({ pulls: reading.wanted(state, page), total: page.total })
    state = reading.after(state, page)
  }
  return pages
}

/** A repository without a row has no place for a mirror: its own goes when the work is done. */
async function withMirrorOf<T>(
  { mirrors, sources, signal }: GitHubIntake,
  row: RepositoryRow,
  home: string,
  then: (mirror: Mirror) => Promise<T>,
): Promise<T> {
  const source = await sources(row)
  if (row.id !== 0) return then(await mirrors.update(row.id, source, { signal }))
  const folder = await processFolder(join(home, 'work'))
  try {
    const mirror = await updateMirror(join(folder, 'mirror.git'), source, { signal })
    return await then(mirror).finally(() => mirror.close())
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function judgePages({ miner, signal }: GitHubIntake, row: RepositoryRow, mirror: Mirror, pages: readonly Page[]) {
  const discovery = await openDiscovery(mirror, { repository: row.name, forge: row.forge })
  const judging = { repository: row, mirror, miner, defaultBranch: await defaultBranch(mirror) }
  const refused: Partial<Record<Reason, number>> = {}
  const counts = { within: 0, candidates: 0, detailQueries: 0, detailPoints: 0 }
  for (const { pulls } of pages) {
    signal.throwIfAborted()
    const found = await discovery.byLines(pulls.map(asLine), 'backfill')
    counts.within += pulls.length
    const listed = new Set(pulls.filter(({ closing }) => closing > 0).map(({ line }) => line.number))
    const told = found.filter((one) => isFound(one) && one.pull.closes.length > 0 && !listed.has(one.pull.number))
    for (const size of [...batchSizes(listed.size), ...batchSizes(told.length)]) {
      counts.detailQueries += 1
      counts.detailPoints += Math.max(1, Math.round(size * pointsOfDetails))
    }
    for (const { outcome } of await judgeBatch(judging, found)) {
      if (outcome.state === 'proposed') counts.candidates += 1
      else refused[outcome.reason] = (refused[outcome.reason] ?? 0) + 1
    }
  }
  return { ...counts, refused }
}

/** In how many requests, and of how many pulls each, so many are read whole. */
function batchSizes(pulls: number): number[] {
  const sizes: number[] = []
  for (let left = pulls; left > 0; left -= detailsAtOnce) sizes.push(Math.min(left, detailsAtOnce))
  return sizes
}

/** A line of the list, which says that a pull closes issues and not which: the miner asks for no more. */
function asLine({ line, closing }: ListedPull): PullLine {
  if (closing === 0) return line
  const issue = { number: line.number, title: '', body: '', created_at: line.merged_at ?? '', user: null, comments: [] }
  return { ...line, issues: [issue] }
}
