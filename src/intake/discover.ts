import {
  commitsWithChanges,
  diffTrees,
  firstParentHistory,
  type HistoryCommit,
  type Mirror,
  missingCommits,
} from '../git/index.ts'
import { type Change, type PullLine, type PullSource, refuse } from '../model/index.ts'
import { foundByLine, foundInHistory, type Surroundings } from './assemble.ts'
import { type Landing, landingOf } from './base.ts'
import { historyPulls } from './history-pulls.ts'
import { readMainline } from './mainline.ts'
import { lookupsFor } from './other-branch.ts'
import { indexReverts, revertOf } from './reverts.ts'
import type { BadLine, Discovery, RefusedPull } from './types.ts'

export interface DiscoverOptions {
  /** `owner/name` and host of the mined repository: whose issues count. */
  readonly repository: string
  readonly forge: string
  /** The pulls, where somebody else knows them (see `readPullsFile`); without, history tells. */
  readonly pulls?: PullLines
  readonly only?: readonly number[]
  /** Bounds on the time of the merge, both inclusive. */
  readonly since?: Date
  readonly until?: Date
}

/** Lines of pulls, and where they come from. */
export interface PullLines {
  readonly lines: AsyncIterable<{ readonly pull: PullLine } | BadLine>
  readonly source: PullSource
}

const BATCH = 200

/**
 * Finds merged pulls, newest first from history or in the order of the lines, in batches. Refusals of the intake and unreadable lines
 * come among them. Throws `UserError` for a pulls file that can't be read and `Fault` for git's failures.
 */
export async function* discover(mirror: Mirror, options: DiscoverOptions): AsyncGenerator<readonly Discovery[]> {
  const discovery = await openDiscovery(mirror, options)
  const found =
    options.pulls === undefined
      ? fromHistory(mirror, discovery.around, options)
      : fromLines(discovery, options.pulls, options)
  yield* inBatches(found, BATCH)
}

/** A repository's history, read once to judge many pulls by. */
interface OpenDiscovery {
  readonly around: Surroundings
  /** What each line is, in their order. */
  byLines(lines: readonly PullLine[], source: PullSource): Promise<Discovery[]>
}

/** Reads history once, for callers whose pulls come by and by. Throws `Fault` for git's failures. */
export async function openDiscovery(
  mirror: Mirror,
  place: Pick<DiscoverOptions, 'repository' | 'forge'>,
): Promise<OpenDiscovery> {
  const around = await lookAround(mirror, place)
  return {
    around,
    async byLines(lines, source) {
      const commits = await mergeCommits(mirror, lines)
      const found: Discovery[] = []
      for (const line of lines) found.push(await resolveLine(mirror, around, line, source, commits))
      return found
    },
  }
}

async function lookAround(
  mirror: Mirror,
  { repository, forge }: Pick<DiscoverOptions, 'repository' | 'forge'>,
): Promise<Surroundings> {
  const mainline = await readMainline(mirror)
  const reverts = [...mainline.commits.values()].flatMap((commit) => {
    const revert = mainline.holds(commit.commit) ? revertOf(commit, repository) : null
    return revert === null ? [] : [revert]
  })
  const pulls = historyPulls(mainline)
  const namesOf = (commit: string) => {
    const bringer = mainline.bringer(commit)
    const pull = bringer === null ? undefined : pulls.get(bringer)
    return { commits: bringer === null ? [] : [bringer], number: pull?.number ?? null }
  }
  return { mainline, pulls, reverts: indexReverts(reverts, namesOf), references: { repository, forge } }
}

async function* fromHistory(mirror: Mirror, around: Surroundings, options: DiscoverOptions): AsyncGenerator<Discovery> {
  for await (const commits of firstParentHistory(mirror, 'HEAD')) {
    for (const commit of commits) {
      const pull = around.pulls.get(commit.commit)
      if (pull === undefined || !wanted(pull.number, commit.committedAt, options)) continue
      const landing = landingOf(around.mainline, commit, pull.head, othersThan(around, pull.number))
      if (landing !== null) yield foundInHistory(around, pull, landing, await changesOf(mirror, landing, commit))
    }
  }
}

async function* fromLines(
  discovery: OpenDiscovery,
  { lines, source }: PullLines,
  options: DiscoverOptions,
): AsyncGenerator<Discovery> {
  for await (const batch of inBatches(lines, BATCH)) {
    for (const read of batch) if ('problem' in read) yield read
    const pulls = batch.flatMap((read) =>
      'pull' in read && wanted(read.pull.number, mergeTime(read.pull), options) ? [read.pull] : [],
    )
    yield* await discovery.byLines(pulls, source)
  }
}

async function mergeCommits(mirror: Mirror, lines: readonly PullLine[]): Promise<Map<string, HistoryCommit>> {
  const named = [...new Set(lines.flatMap(({ merge_commit_sha }) => merge_commit_sha ?? []))]
  const missing = await missingCommits(mirror, named)
  const commits = new Map<string, HistoryCommit>()
  const there = named.filter((commit) => !missing.has(commit))
  for await (const found of commitsWithChanges(mirror, there)) {
    for (const commit of found) commits.set(commit.commit, commit)
  }
  return commits
}

async function resolveLine(
  mirror: Mirror,
  around: Surroundings,
  line: PullLine,
  source: PullSource,
  commits: ReadonlyMap<string, HistoryCommit>,
): Promise<Discovery> {
  const mergedAt = mergeTime(line)
  if (mergedAt === null) return refused(line, source, 'not-merged', { merged_at: null })
  const merge = commits.get(line.merge_commit_sha ?? '')
  if (merge === undefined) return refused(line, source, 'commits-missing', { merge_commit_sha: line.merge_commit_sha })
  const head = line.head?.sha ?? around.mainline.heads.get(line.number) ?? null
  const landing = landingOf(
    await lookupsFor(mirror, around.mainline, merge),
    merge,
    head,
    othersThan(around, line.number),
  )
  if (landing === null)
    return refused(line, source, 'commits-missing', { merge_commit_sha: line.merge_commit_sha, parents: 0 })
  return foundByLine(around, line, source, mergedAt, landing, await changesOf(mirror, landing, merge))
}

/** Whether history gives a mainline commit to another pull than this one. */
function othersThan({ pulls }: Surroundings, number: number): (commit: string) => boolean {
  return (commit) => (pulls.get(commit)?.number ?? number) !== number
}

/** The log gives the changes against the first parent; only a rebase of several commits has an older base. */
async function changesOf(mirror: Mirror, landing: Landing, merge: HistoryCommit): Promise<readonly Change[]> {
  return landing.base === merge.parents[0] ? merge.changes : diffTrees(mirror, landing.base, merge.commit)
}

function refused(
  line: PullLine,
  source: PullSource,
  reason: 'not-merged' | 'commits-missing',
  evidence: Readonly<Record<string, unknown>>,
): RefusedPull {
  const { number, title, merge_commit_sha: mergeCommit } = line
  return { number, title, source, mergeCommit, mergedAt: mergeTime(line), ...refuse(reason, evidence) }
}

function mergeTime({ merged_at }: PullLine): Date | null {
  return merged_at === null ? null : new Date(merged_at)
}

function wanted(number: number, mergedAt: Date | null, { only, since, until }: DiscoverOptions): boolean {
  if (only !== undefined && !only.includes(number)) return false
  if (mergedAt === null) return true
  return !(since !== undefined && mergedAt < since) && !(until !== undefined && mergedAt > until)
}

async function* inBatches<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<readonly T[]> {
  let batch: T[] = []
  for await (const item of items) {
    batch.push(item)
    if (batch.length < size) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
