import type { Statuses, TestId } from '../model/index.ts'
import { fileOf } from './statuses.ts'
import type { Selection } from './types.ts'

/**
 * What to run again to see the FAIL_TO_PASS tests alone: for each plan its files that hold them. A plan whose framework tells
 * no file runs whole; a plan that holds none of them is left out.
 */
export function repeatSelection(planFiles: readonly (readonly string[] | null)[], tests: readonly TestId[]): Selection {
  const holding = new Set(tests.map(fileOf))
  return planFiles.map((files) => (files === null ? null : files.filter((file) => holding.has(file))))
}

/**
 * Repeats tell of a test only where they run it under the same id: a file run alone may name its tests otherwise. What no
 * repeat reports after the fix is left to the runs of the whole suite.
 */
export function comparable(after: readonly Statuses[], tests: readonly TestId[]): Set<TestId> {
  return new Set(tests.filter((test) => after.some((run) => run.has(test))))
}
