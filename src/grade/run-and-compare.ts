import type { GradeResult } from '../db/schema.ts'
import type { Verdict } from '../model/index.ts'
import type { HeldEnvironment } from '../test-runs/held-environment.ts'
import type { RunRecord } from '../test-runs/types.ts'
import { isResolved, needsControl, type TestTally, tally, type WantedTests, withSecondRun } from './judge.ts'

export interface Judgement {
  readonly verdict: Verdict
  readonly result: GradeResult
  readonly log: Buffer
  /** How long the builds and the test commands ran. */
  readonly testSeconds: number
}

/** What a tree is judged by: the task's two lists, and the tree with its fix as a control. */
export interface Yardstick extends WantedTests {
  readonly snapshot: { readonly afterTree: string }
}

/** Runs the tests on a candidate's tree, into which the tests were put back, and says what that comes to. */
export async function runAndCompare(task: Yardstick, held: HeldEnvironment, tree: string): Promise<Judgement> {
  const first = await held.run(tree, null)
  let seen = tally(first.ending.statuses, task)
  if (needsControl(first.ending) && !isResolved(seen)) return withControl(task, held, first, seen)
  if (seen.failToPass.failed.length === 0 && seen.passToPass.failed.length > 0) {
    const { ending } = await held.run(tree, null)
    // One that did not come to its end excuses nothing.
    if (ending.ended === 'completed') seen = withSecondRun(seen, ending.statuses)
  }
  return judgementOf(
    isResolved(seen) && first.ending.ended === 'completed' ? 'resolved' : 'unresolved',
    first,
    seen,
    null,
  )
}

/** The fix in the same place: where it ends as badly, the machine is to blame, and nobody gets a reward. */
async function withControl(
  task: Yardstick,
  held: HeldEnvironment,
  first: RunRecord,
  seen: TestTally,
): Promise<Judgement> {
  // It has to go through all that the candidate went through: what is built before would spare it the slowness it is to show.
  const control = await held.run(task.snapshot.afterTree, null, { anew: true })
  const detail = `the run ended ${first.ending.ended}; the fix, run as a control, ended ${control.ending.ended}`
  return judgementOf(control.ending.ended === first.ending.ended ? 'fault' : 'unresolved', first, seen, detail)
}

function judgementOf(verdict: Verdict, record: RunRecord, seen: TestTally, detail: string | null): Judgement {
  const seconds = record.seconds.prepare + record.seconds.build + record.seconds.test
  const testSeconds = record.seconds.build + record.seconds.test
  return {
    verdict,
    result: { ...seen, run: { ended: record.ending.ended, seconds }, detail },
    log: record.log,
    testSeconds,
  }
}
