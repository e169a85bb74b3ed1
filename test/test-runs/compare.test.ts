import { describe, expect, test } from 'vitest'
import type { Statuses, TestStatus } from '../../src/model/index.ts'
import { failToPass, flakyTests, passToPass, statusBefore } from '../../src/test-runs/compare.ts'

const run = (statuses: Record<string, TestStatus>): Statuses => new Map(Object.entries(statuses))

describe('FAIL_TO_PASS', () => {
  test('holds what passes in every after-run and in no before-run', () => {
    const before = [run({ a: 'failed', b: 'passed' }), run({ a: 'errored', b: 'passed' })]
    const after = [run({ a: 'passed', b: 'passed' }), run({ a: 'passed', b: 'passed' })]
    expect(failToPass(before, after)).toEqual(['a'])
  })

  test('holds a test that did not exist before', () => {
    expect(failToPass([run({})], [run({ fresh: 'passed' })])).toEqual(['fresh'])
  })

  test.each([
    ['passes before once', [run({ a: 'failed' }), run({ a: 'passed' })], [run({ a: 'passed' }), run({ a: 'passed' })]],
    ['fails after once', [run({ a: 'failed' })], [run({ a: 'passed' }), run({ a: 'failed' })]],
    ['is missing after once', [run({ a: 'failed' })], [run({ a: 'passed' }), run({})]],
    ['is only skipped after', [run({ a: 'failed' })], [run({ a: 'skipped' })]],
  ])('leaves out a test that %s', (_, before, after) => {
    expect(failToPass(before, after)).toEqual([])
  })
})

describe('PASS_TO_PASS', () => {
  test('holds what passes in all runs, and nothing where there was no before-run', () => {
    expect(passToPass([run({ a: 'passed', b: 'failed' })], [run({ a: 'passed', b: 'passed' })])).toEqual(['a'])
    expect(passToPass([], [run({ a: 'passed' })])).toEqual([])
  })
})

test('a test that passes in some runs of one state is flaky; one that differs between the states is not', () => {
  const before = [run({ a: 'passed', fixed: 'failed' }), run({ a: 'failed', fixed: 'failed' })]
  const after = [run({ a: 'passed', fixed: 'passed' }), run({ a: 'passed', fixed: 'passed' })]
  expect(flakyTests([before, after])).toEqual(['a'])
})

test('what a test was before tells a missing one from a failed one', () => {
  expect(statusBefore([run({ a: 'failed' })], 'a')).toBe('failed')
  expect(statusBefore([run({}), run({})], 'a')).toBe('missing')
  expect(statusBefore([run({ a: 'errored' }), run({})], 'a')).toBe('errored')
})
