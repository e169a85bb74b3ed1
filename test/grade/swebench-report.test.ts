import { expect, test } from 'vitest'
import { instanceReport, runReport } from '../../src/grade/swebench-report.ts'

const result = {
  failToPass: { passed: ['f1'], failed: ['f2'] },
  passToPass: { passed: 1, failed: ['p2'] },
  run: { ended: 'completed', seconds: 1 },
  detail: null,
}
const graded = { verdict: 'unresolved', result, passToPass: ['p1', 'p2'] } as const

test('an instance: SWE-bench’s keys, its tests by what became of them', () => {
  expect(instanceReport('a', graded)).toEqual({
    a: {
      patch_is_None: false,
      patch_exists: true,
      patch_successfully_applied: true,
      resolved: false,
      infra_failure: false,
      tests_status: {
        FAIL_TO_PASS: { success: ['f1'], failure: ['f2'] },
        PASS_TO_PASS: { success: ['p1'], failure: ['p2'] },
        FAIL_TO_FAIL: { success: [], failure: [] },
        PASS_TO_FAIL: { success: [], failure: [] },
      },
    },
  })
})

test('a patch that does not apply has no tests', () => {
  const { a } = instanceReport('a', { ...graded, verdict: 'patch-rejected', result: { ...result, run: null } })
  expect(a).toMatchObject({ patch_successfully_applied: false, resolved: false, infra_failure: false })
  expect(a).not.toHaveProperty('tests_status')
})

test.each([
  [{ ...result, run: null, detail: 'disk-full: no room' }, 'disk-full', false],
  [{ ...result, run: { ended: 'timed-out', seconds: 9 } }, 'control_timed_out', true],
])('a fault is the machine’s, with its reason', (broken, reason, applied) => {
  expect(instanceReport('a', { ...graded, verdict: 'fault', result: broken }).a).toMatchObject({
    resolved: false,
    patch_successfully_applied: applied,
    infra_failure: true,
    infra_failure_reason: reason,
  })
})

test('a run: counts and sorted ids; a fault is unresolved and an infrastructure failure', () => {
  const report = runReport({
    submitted: ['b', 'a', 'c', 'd', 'x'],
    unknown: ['x'],
    empty: ['d'],
    resolved: ['b'],
    unresolved: ['c', 'a'],
    faults: new Map([['c', 'disk-full']]),
  })
  expect(report).toMatchObject({
    total_instances: 4,
    submitted_instances: 5,
    completed_instances: 3,
    resolved_instances: 1,
    unresolved_instances: 2,
    infra_failure_instances: 1,
    completed_ids: ['a', 'b', 'c'],
    submitted_ids: ['a', 'b', 'c', 'd', 'x'],
    unresolved_ids: ['a', 'c'],
    infra_failure_ids: ['c'],
    failure_reasons: { c: 'disk-full' },
    unknown_ids: ['x'],
    schema_version: 2,
  })
})
