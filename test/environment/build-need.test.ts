import { describe, expect, test } from 'vitest'
import { isWorthDropping, passesAllOf } from '../../src/environment/build-need.ts'
import type { RunEnding, TestStatus } from '../../src/model/index.ts'
import type { RunRecord } from '../../src/test-runs/types.ts'

function record(
  statuses: Readonly<Record<string, TestStatus>>,
  ended: RunEnding['ended'] = 'completed',
  build = 0,
): RunRecord {
  const ending = { ended, statuses: new Map(Object.entries(statuses)) } as RunEnding
  const seconds = { prepare: 0, build, test: 8 }
  return { ending, exitCode: 0, seconds, peakMib: null, buildWroteOver: false, plans: [], log: Buffer.alloc(0) }
}

describe('a run without the builds is as good', () => {
  const whole = record({ a: 'passed', b: 'failed', c: 'skipped' })
  test.each<[string, RunRecord, boolean]>([
    ['where all that passed passes', record({ a: 'passed' }), true],
    ['where more passes', record({ a: 'passed', b: 'passed', d: 'passed' }), true],
    ['not where one fails', record({ a: 'failed', b: 'passed' }), false],
    ['not where one is missing', record({ b: 'passed' }), false],
    ['not where one is skipped', record({ a: 'skipped' }), false],
    ['not where it broke off', record({ a: 'passed' }, 'no-report'), false],
  ])('%s', (_, other, expected) => {
    expect(passesAllOf(other, whole)).toBe(expected)
  })

  test('which nothing that was not run can show', () => {
    expect(passesAllOf(undefined, whole)).toBe(false)
  })
})

test.each([
  [0, false],
  [1.9, false],
  [2.1, true],
])('a build of %d s beside tests of 8 s is worth a run to be rid of: %s', (build, expected) => {
  expect(isWorthDropping(record({}, 'completed', build))).toBe(expected)
})

test('nor is a build that writes over what git holds dropped, however long it takes', () => {
  expect(isWorthDropping({ ...record({}, 'completed', 60), buildWroteOver: true })).toBe(false)
})
