import { expect, test } from 'vitest'
import type { TestStatus } from '../../src/model/index.ts'
import { fileOf, statusesOf, testId } from '../../src/test-runs/statuses.ts'

const reported = (file: string | null, path: string[], status: TestStatus) => ({
  file,
  path,
  status,
  milliseconds: 1,
  message: null,
})

test('an id is file, suites and name; a framework that tells no file leaves it out', () => {
  expect(testId(reported('test/a.js', ['suite', 'works'], 'passed'))).toBe('test/a.js > suite > works')
  expect(testId(reported(null, ['works'], 'passed'))).toBe('works')
  expect(fileOf('test/a.js > suite > works')).toBe('test/a.js')
})

test('tests of the same name are told apart by their order, so that none hides another', () => {
  const statuses = statusesOf([
    reported('a.js', ['twice'], 'passed'),
    reported('b.js', ['twice'], 'passed'),
    reported('a.js', ['twice'], 'failed'),
  ])
  expect([...statuses]).toEqual([
    ['a.js > twice', 'passed'],
    ['b.js > twice', 'passed'],
    ['a.js > twice (2)', 'failed'],
  ])
})

test('a name that looks like a number of another shares the worst status with it', () => {
  const statuses = statusesOf([
    reported('a.js', ['x'], 'passed'),
    reported('a.js', ['x'], 'passed'),
    reported('a.js', ['x (2)'], 'failed'),
  ])
  expect(statuses.get('a.js > x (2)')).toBe('failed')
})
