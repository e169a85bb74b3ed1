import type { RunEnding, Statuses, TestId, Verdict } from '../model/index.ts'

export interface TestTally {
  readonly failToPass: { readonly passed: readonly TestId[]; readonly failed: readonly TestId[] }
  readonly passToPass: { readonly passed: number; readonly failed: readonly TestId[] }
}

export interface WantedTests {
  readonly failToPass: readonly TestId[]
  readonly passToPass: readonly TestId[]
}

/** Which of a task's tests passed. Absent or skipped is not a pass. */
export function tally(statuses: Statuses, wanted: WantedTests): TestTally {
  const passes = (test: TestId) => statuses.get(test) === 'passed'
  const failed = wanted.passToPass.filter((test) => !passes(test))
  return {
    failToPass: {
      passed: wanted.failToPass.filter(passes),
      failed: wanted.failToPass.filter((test) => !passes(test)),
    },
    passToPass: { passed: wanted.passToPass.length - failed.length, failed },
  }
}

/** A failing PASS_TO_PASS test counts only where it fails in a second, fresh run as well. */
export function withSecondRun(first: TestTally, second: Statuses): TestTally {
  const failed = first.passToPass.failed.filter((test) => second.get(test) !== 'passed')
  const passed = first.passToPass.passed + first.passToPass.failed.length - failed.length
  return { ...first, passToPass: { passed, failed } }
}

/** Every FAIL_TO_PASS and every PASS_TO_PASS test passed; a task without a FAIL_TO_PASS test is never resolved. */
export function isResolved({ failToPass, passToPass }: TestTally): boolean {
  return failToPass.passed.length > 0 && failToPass.failed.length === 0 && passToPass.failed.length === 0
}

/** A run that did not come to its end says nothing yet: it is the patch's fault only where the fix does better in the same place. */
export function needsControl(ending: RunEnding): boolean {
  return ending.ended !== 'completed'
}

/** 1, 0, or null where no reward may be given. */
export function rewardOf(verdict: Verdict): 0 | 1 | null {
  if (verdict === 'fault') return null
  return verdict === 'resolved' ? 1 : 0
}
