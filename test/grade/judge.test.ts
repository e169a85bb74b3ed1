import { describe, expect, test } from 'vitest'
import { isResolved, needsControl, rewardOf, tally, withSecondRun } from '../../src/grade/judge.ts'
import type { TestStatus } from '../../src/model/index.ts'

const wanted = { failToPass: ['new'], passToPass: ['old', 'older'] }
const run = (statuses: Record<string, TestStatus>) => new Map(Object.entries(statuses))

describe('resolved', () => {
  test('means that every FAIL_TO_PASS and every PASS_TO_PASS test passed', () => {
    expect(isResolved(tally(run({ new: 'passed', old: 'passed', older: 'passed' }), wanted))).toBe(true)
  })

  test.each<[string, Record<string, TestStatus>]>([
    ['nothing ran', {}],
    ['a FAIL_TO_PASS test is absent', { old: 'passed', older: 'passed' }],
    ['a FAIL_TO_PASS test is skipped', { new: 'skipped', old: 'passed', older: 'passed' }],
    ['a PASS_TO_PASS test is absent', { new: 'passed', old: 'passed' }],
    ['a PASS_TO_PASS test fails', { new: 'passed', old: 'failed', older: 'passed' }],
  ])('is not given where %s', (_, statuses) => {
    expect(isResolved(tally(run(statuses), wanted))).toBe(false)
  })

  test('is never given to a task without a FAIL_TO_PASS test', () => {
    expect(isResolved(tally(run({ old: 'passed' }), { failToPass: [], passToPass: ['old'] }))).toBe(false)
  })
})

test('a PASS_TO_PASS test that fails counts only where it fails again', () => {
  const first = tally(run({ new: 'passed', old: 'failed', older: 'failed' }), wanted)
  const seen = withSecondRun(first, run({ new: 'passed', old: 'passed', older: 'failed' }))
  expect(seen.passToPass).toEqual({ passed: 1, failed: ['older'] })
})

test('every ending but a completed one asks for the control run', () => {
  expect(needsControl({ ended: 'completed', statuses: new Map() })).toBe(false)
  expect(needsControl({ ended: 'no-report', exitCode: 0, statuses: new Map() })).toBe(true)
  expect(needsControl({ ended: 'nothing-ran', exitCode: 0, statuses: new Map() })).toBe(true)
})

test('a fault has no reward', () => {
  expect((['resolved', 'unresolved', 'patch-rejected', 'fault'] as const).map(rewardOf)).toEqual([1, 0, 0, null])
})
