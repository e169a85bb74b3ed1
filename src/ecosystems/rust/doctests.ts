import { kindByPath } from '../../languages/index.ts'
import type { TreeReader } from '../../model/index.ts'
import type { CargoCall } from './ci-tests.ts'

/** Examples in the documentation of a change's files, as tests. */
export interface Doctests {
  readonly files: readonly string[]
  /** Which, and why; null: there are none, or nobody asks for them. */
  readonly evidence: string | null
}

/** Before the edition of 2024 each is compiled and linked by itself, in every run and every grade. */
const MOST_EXAMPLES = 40

const none: Doctests = { files: [], evidence: null }

/**
 * The changed files of code with examples, where the CI runs these or says nothing: `cargo test` without a choice of targets does. How many they are is counted, and
 * not how long they take: what a machine does in time may not decide which tests a task has.
 */
export async function doctestsOf(
  tree: TreeReader,
  changed: readonly string[],
  calls: readonly CargoCall[],
): Promise<Doctests> {
  if (calls.length > 0 && !calls.some(({ doctests }) => doctests)) return none
  const code = changed.filter((path) => /\.rs$/.test(path) && !/\s/.test(path) && kindByPath(path) === 'source')
  const counted = await Promise.all(
    code.map(async (path) => ({ path, count: examplesIn((await tree.read(path)) ?? '') })),
  )
  const files = counted.filter(({ count }) => count > 0).map(({ path }) => path)
  const count = counted.reduce((sum, each) => sum + each.count, 0)
  if (count === 0) return none
  if (count > MOST_EXAMPLES)
    return { files: [], evidence: `no doctests: ${count} in the changed files, more than ${MOST_EXAMPLES}` }
  return { files, evidence: `doctests of ${files.join(', ')} (${count})` }
}

/** Two fences each. */
function examplesIn(source: string): number {
  return Math.ceil([...source.matchAll(/^[ \t]*\/\/[/!][ \t]*```/gm)].length / 2)
}
