import type { TaskField } from './filter.ts'
import type { FoundTask } from './types.ts'

/** What is listed of every task; its keys are those of docs/contract.md. */
export function plainListing(found: FoundTask) {
  return {
    task: found.name,
    revision: found.revision,
    content_hash: found.contentHash,
    sequence: found.sequence,
    repository: found.repository,
    owner: found.owner,
    pull: found.pull,
    title: found.title,
    miner: found.miner,
    ecosystem: found.ecosystem,
    language: found.language,
    frameworks: found.frameworks,
    licence: found.licence,
    visibility: found.visibility,
    state: found.state,
    flags: found.flags,
    fail_to_pass: found.failToPassCount,
    pass_to_pass: found.passToPassCount,
    files_changed: found.filesChanged,
    lines_changed: found.linesChanged,
    difficulty: found.difficulty,
    merged_at: found.mergedAt.toISOString(),
    vetted_at: found.vettedAt.toISOString(),
    earliest_at: found.earliestAt.toISOString(),
    ended: found.ended,
    erased_at: found.erasedAt?.toISOString() ?? null,
  }
}

export type PlainListing = ReturnType<typeof plainListing>
export type ListedTask = Partial<PlainListing> & {
  readonly solve_rate?: NonNullable<FoundTask['solveRate']>
  readonly statement?: NonNullable<FoundTask['statement']>
}

/**
 * The task as the API and `--json` list it. Without `fields` all keys but those that were not asked of the query: `statement` is there
 * only where it is named, `solve_rate` not together with `as_of`.
 */
export function listedTask(found: FoundTask, fields?: readonly TaskField[]): ListedTask {
  const { solveRate, statement } = found
  const listed: ListedTask = {
    ...plainListing(found),
    ...(solveRate === null ? {} : { solve_rate: solveRate }),
    ...(statement === null ? {} : { statement }),
  }
  if (fields === undefined) return listed
  return Object.fromEntries(fields.flatMap((name) => (listed[name] === undefined ? [] : [[name, listed[name]]])))
}
