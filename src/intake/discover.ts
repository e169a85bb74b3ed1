import {
  commitsWithChanges,
  diffTrees,
  firstParentHistory,
  type HistoryCommit,
  type Mirror,
  missingCommits,
} from '../git/index.ts'
import { type Change, type PullLine, refuse } from '../model/index.ts'
import { foundInFile, foundInHistory, type Surroundings } from './assemble.ts'
import { type Landing, landingOf } from './base.ts'
import { historyPulls } from './history-pulls.ts'
import { readMainline } from './mainline.ts'
import { lookupsFor } from './other-branch.ts'
import { readPullsFile } from './pulls-file.ts'
import { indexReverts, revertOf } from './reverts.ts'
import type { Discovery, RefusedPull } from './types.ts'

export interface DiscoverOptions {
  /** `owner/name` and host of the mined repository: whose issues count. */
  readonly repository: string
  readonly forge: string
  /** A pulls file's path; without one, history tells. */
  readonly pullsFile?: string
  readonly only?: readonly number[]
  /** Bounds on the time of the merge, both inclusive. */
  readonly since?: Date
  readonly until?: Date
}

const BATCH = 200

/**
 * Finds merged pulls, newest first from history or in the file's order, in batches. Refusals of the intake and unreadable lines
 * come among them. Throws `UserError` for a pulls file that can't be read and `Fault` for git's failures.
 */
export async function* discover(mirror: Mirror, options: DiscoverOptions): AsyncGenerator<readonly Discovery[]> {
  const around = await lookAround(mirror, options)
  const found =
    options.pullsFile === undefined
      ? fromHistory(mirror, around, options)
      : fromFile(mirror, around, options.pullsFile, options)
  yield* inBatches(found, BATCH)
}

async function lookAround(mirror: Mirror, { repository, forge }: DiscoverOptions): Promise<Surroundings> {
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

async function* fromFile(
  mirror: Mirror,
  around: Surroundings,
  path: string,
  options: DiscoverOptions,
): AsyncGenerator<Discovery> {
  for await (const batch of inBatches(readPullsFile(path), BATCH)) {
    const lines = batch.flatMap((read) =>
      'pull' in read && wanted(read.pull.number, mergeTime(read.pull), options) ? [read.pull] : [],
    )
    const commits = await mergeCommits(mirror, lines)
    for (const read of batch) if ('problem' in read) yield read
    for (const line of lines) yield await resolveLine(mirror, around, line, commits)
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
  commits: ReadonlyMap<string, HistoryCommit>,
): Promise<Discovery> {
  const mergedAt = mergeTime(line)
  if (mergedAt === null) return refused(line, 'not-merged', { merged_at: null })
  const merge = commits.get(line.merge_commit_sha ?? '')
  if (merge === undefined) return refused(line, 'commits-missing', { merge_commit_sha: line.merge_commit_sha })
  const head = line.head?.sha ?? around.mainline.heads.get(line.number) ?? null
  const landing = landingOf(
    await lookupsFor(mirror, around.mainline, merge),
    merge,
    head,
    othersThan(around, line.number),
  )
  if (landing === null) return refused(line, 'commits-missing', { merge_commit_sha: line.merge_commit_sha, parents: 0 })
  return foundInFile(around, line, mergedAt, landing, await changesOf(mirror, landing, merge))
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
  reason: 'not-merged' | 'commits-missing',
  evidence: Readonly<Record<string, unknown>>,
): RefusedPull {
  const { number, title, merge_commit_sha: mergeCommit } = line
  return { number, title, mergeCommit, mergedAt: mergeTime(line), ...refuse(reason, evidence) }
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
