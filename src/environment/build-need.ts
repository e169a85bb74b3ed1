import type { RunRecord } from '../test-runs/types.ts'

/**
 * A candidate is run about nine times and graded more often: one run more to find out is soon paid back. Not where git itself holds
 * what the builds write: there the fix's own built files would pass the tests, and a patch to the sources alone would not.
 */
export function isWorthDropping({ seconds, buildWroteOver }: RunRecord): boolean {
  return buildWroteOver === false && seconds.build > Math.max(1, seconds.test / 4)
}

/**
 * Whether all that passed in `whole` passes in `other` too, and both came to the same end. A test that passes without a build's output loads
 * nothing of it.
 */
export function passesAllOf(other: RunRecord | undefined, whole: RunRecord | undefined): boolean {
  if (other === undefined || whole === undefined || other.ending.ended !== whole.ending.ended) return false
  return [...whole.ending.statuses].every(
    ([name, status]) => status !== 'passed' || other.ending.statuses.get(name) === 'passed',
  )
}
