import type { Statuses, TestId, TestStatus } from '../model/index.ts'

const passes = (statuses: Statuses, test: TestId) => statuses.get(test) === 'passed'

function allTests(runs: readonly Statuses[]): TestId[] {
  const tests = new Set<TestId>()
  for (const run of runs) for (const test of run.keys()) tests.add(test)
  return [...tests].sort()
}

/** Tests that pass in every after-run and in no before-run. */
export function failToPass(before: readonly Statuses[], after: readonly Statuses[]): TestId[] {
  return allTests(after.slice(0, 1)).filter(
    (test) => after.every((run) => passes(run, test)) && !before.some((run) => passes(run, test)),
  )
}

/** Tests that pass in every before-run and in every after-run. */
export function passToPass(before: readonly Statuses[], after: readonly Statuses[]): TestId[] {
  if (before.length === 0) return []
  return allTests(after.slice(0, 1)).filter(
    (test) => after.every((run) => passes(run, test)) && before.every((run) => passes(run, test)),
  )
}

/** Tests that pass in some but not all runs of one state. */
export function flakyTests(states: readonly (readonly Statuses[])[]): TestId[] {
  const flaky = new Set<TestId>()
  for (const runs of states) {
    for (const test of allTests(runs)) {
      const passed = runs.filter((run) => passes(run, test)).length
      if (passed > 0 && passed < runs.length) flaky.add(test)
    }
  }
  return [...flaky].sort()
}

/**
 * What a test was before the fix, over all before-runs: the status they agree on, else the one seen last. `missing` where
 * no run reported it (nothing compiled, or an earlier test ended the process), which is a different thing from `failed`.
 */
export function statusBefore(before: readonly Statuses[], test: TestId): TestStatus | 'missing' {
  let last: TestStatus | 'missing' = 'missing'
  for (const run of before) last = run.get(test) ?? last
  return last
}
