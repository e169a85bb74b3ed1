import type { TaskField } from './filter.ts'
import type { FoundTask } from './types.ts'

const keys = {
  task: ({ name }) => name,
  revision: ({ revision }) => revision,
  content_hash: ({ contentHash }) => contentHash,
  sequence: ({ sequence }) => sequence,
  repository: ({ repository }) => repository,
  owner: ({ owner }) => owner,
  pull: ({ pull }) => pull,
  title: ({ title }) => title,
  miner: ({ miner }) => miner,
  ecosystem: ({ ecosystem }) => ecosystem,
  language: ({ language }) => language,
  frameworks: ({ frameworks }) => frameworks,
  licence: ({ licence }) => licence,
  visibility: ({ visibility }) => visibility,
  state: ({ state }) => state,
  flags: ({ flags }) => flags,
  fail_to_pass: ({ failToPassCount }) => failToPassCount,
  pass_to_pass: ({ passToPassCount }) => passToPassCount,
  files_changed: ({ filesChanged }) => filesChanged,
  lines_changed: ({ linesChanged }) => linesChanged,
  difficulty: ({ difficulty }) => difficulty,
  merged_at: ({ mergedAt }) => mergedAt.toISOString(),
  vetted_at: ({ vettedAt }) => vettedAt.toISOString(),
  earliest_at: ({ earliestAt }) => earliestAt.toISOString(),
  ended: ({ ended }) => ended,
  erased_at: ({ erasedAt }) => erasedAt?.toISOString() ?? null,
  solve_rate: ({ solveRate }) => solveRate ?? undefined,
  statement: ({ statement }) => statement ?? undefined,
} as const satisfies Readonly<Record<TaskField, (task: FoundTask) => unknown>>

/** A task as JSON lists it: its keys are those of docs/contract.md. */
export type ListedTask = { readonly [K in TaskField]?: ReturnType<(typeof keys)[K]> }

const everyKey = Object.entries(keys)

/**
 * The task as the API and `--json` list it. Without `fields` all keys but those that were not asked of the query: `statement` is there
 * only where it is named, `solve_rate` not together with `as_of`.
 */
export function listedTask(found: FoundTask, fields?: readonly TaskField[]): ListedTask {
  const wanted = fields === undefined ? everyKey : fields.map((name) => [name, keys[name]] as const)
  const listed: Record<string, unknown> = {}
  for (const [name, of] of wanted) {
    const value = of(found)
    if (value !== undefined) listed[name] = value
  }
  return listed
}
