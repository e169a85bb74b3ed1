import { expect, test } from 'vitest'
import type { Statuses, TestStatus } from '../../src/model/index.ts'
import { makeLists } from '../../src/test-runs/lists.ts'
import { repeatSelection } from '../../src/test-runs/repeats.ts'

const run = (statuses: Record<string, TestStatus>): Statuses => new Map(Object.entries(statuses))
const thrice = (statuses: Record<string, TestStatus>) => [run(statuses), run(statuses), run(statuses)]

test('a repeat that fails once takes a test out of FAIL_TO_PASS and calls it flaky', () => {
  const lists = makeLists(
    {
      base: [],
      before: thrice({ 'f > a': 'failed', 'f > b': 'failed' }),
      after: thrice({ 'f > a': 'passed', 'f > b': 'passed' }),
      repeats: {
        before: [run({ 'f > a': 'failed' })],
        after: [run({ 'f > a': 'passed', 'f > b': 'passed' }), run({ 'f > a': 'passed', 'f > b': 'failed' })],
      },
    },
    new Set(),
  )
  expect(lists).toEqual({ failToPass: ['f > a'], passToPass: [], flaky: ['f > b'], withFix: [] })
})

test('a repeat that passes before the fix takes a test out of FAIL_TO_PASS', () => {
  const lists = makeLists(
    {
      base: [],
      before: thrice({ 'f > a': 'failed' }),
      after: thrice({ 'f > a': 'passed' }),
      repeats: { before: [run({ 'f > a': 'passed' })], after: [run({ 'f > a': 'passed' })] },
    },
    new Set(),
  )
  expect(lists.failToPass).toEqual([])
  expect(lists.flaky).toEqual(['f > a'])
})

test('a test on which the repeats disagree is flaky, though the suite had it fail each time', () => {
  const failed = { a: 'passed', b: 'failed', c: 'failed', d: 'passed' } as const
  const lists = makeLists(
    {
      base: [],
      before: thrice({ a: 'failed', b: 'failed', c: 'failed', d: 'passed' }),
      after: thrice(failed),
      repeats: {
        before: [run({ a: 'failed' })],
        after: [run(failed), run({ ...failed, b: 'passed', c: 'skipped', d: 'errored' })],
      },
    },
    new Set(),
  )
  expect(lists).toEqual({ failToPass: ['a'], passToPass: [], flaky: ['b', 'd'], withFix: [] })
})

test('repeats that name their tests otherwise say nothing', () => {
  const lists = makeLists(
    {
      base: [],
      before: thrice({ a: 'failed' }),
      after: thrice({ a: 'passed' }),
      repeats: { before: [run({})], after: [run({ other: 'passed' })] },
    },
    new Set(),
  )
  expect(lists.failToPass).toEqual(['a'])
})

test('a test ever seen flaky in the repository stays out of PASS_TO_PASS', () => {
  const states = { base: [], before: thrice({ a: 'passed', b: 'passed' }), after: thrice({ a: 'passed', b: 'passed' }) }
  const lists = makeLists({ ...states, repeats: { before: [], after: [] } }, new Set(['b']))
  expect(lists.passToPass).toEqual(['a'])
})

test('repeats run the files alone that hold the tests, each with the framework that reported it', () => {
  expect(repeatSelection([['a.js', 'b.js'], ['c.js'], null], ['b.js > works', 'b.js > fails'])).toEqual([
    ['b.js'],
    [],
    null,
  ])
})

test('a test in a new file of code and tests is in no list, since grading could not put it back', () => {
  const statuses = (file: string) => new Map([[`${file} > adds`, 'passed' as const]])
  const change = (kind: 'mixed' | 'test' | 'source', oldBlob: string | null) => [{ path: 'src/new.rs', kind, oldBlob }]
  const runs = { base: [], before: [new Map()], after: [statuses('src/new.rs')], repeats: { before: [], after: [] } }
  const lists = makeLists(runs, new Set(), change('mixed', null))
  expect(lists).toMatchObject({ failToPass: [], passToPass: [], withFix: ['src/new.rs > adds'] })
  for (const other of [change('mixed', 'an old blob'), change('test', null), []])
    expect(makeLists(runs, new Set(), other)).toMatchObject({ failToPass: ['src/new.rs > adds'], withFix: [] })
})

test('an example in documentation is asked to go on passing, and pays nothing: a candidate writes what it says', () => {
  const [old, fresh] = ['src/lib.rs > doctest total', 'src/lib.rs > doctest Cart<T>::sum']
  const named = { 'docs/a.js > doctest works': 'passed', 'src/lib.rs > doctest > deep': 'passed' } as const
  const runs = {
    ...{ base: [], before: [run({ [old]: 'passed' })], repeats: { before: [], after: [] } },
    after: [run({ [old]: 'passed', [fresh]: 'passed', ...named })],
  }
  expect(makeLists(runs, new Set())).toMatchObject({
    failToPass: Object.keys(named).sort(),
    passToPass: [old],
    withFix: [fresh],
  })
})
