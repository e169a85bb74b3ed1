import { expect, test } from 'vitest'
import { javascript } from '../../src/languages/javascript/index.ts'

const items = (source: string) => javascript.testItems(source).map(({ start, end }) => source.slice(start, end))

test.each([
  "describe('a', function () {})",
  "describe.only('a', () => {})",
  "it.each([[1], [2]])('a %i', (n) => {})",
  'test.each`a | b\n${1} | ${2}`("adds", ({ a }) => {})',
  "test.todo('later')",
  "test.concurrent.skip('a', async () => {})",
  "suite('a', () => {})",
  'for (const n of [1, 2]) { test(`n ${n}`, () => {}) }',
  "[1, 2].forEach((n) => { it('a', () => {}) })",
  "if (process.platform !== 'win32') {\n  it('a', () => {})\n}",
  'test(() => {})',
])('%s is a test item', (source) => {
  expect(items(source)).toEqual([source])
})

test.each([
  ["import test from 'ava'", "test('a', (t) => {})"],
  ["import test from 'ava'", 'test.serial("a", macro, 1)'],
  ["const tape = require('tape')", "tape('a', function (t) {})"],
  ["const { it: spec } = require('node:test')", "spec('a', () => {})"],
  ["import t from 'tap'", "t.test('a', (t) => {})"],
  ["const test = require('tape')\nconst only = test.only", "only('a', function (t) {})"],
])('%s: %s is a test item', (head, item) => {
  expect(items(`${head}\n\n${item}\n`).at(-1)).toBe(item)
})

test.each([
  'const ok = /x/.test(name)',
  'pattern.test(name)',
  "export function check(name) { describe(name, () => { it('works', () => {}) }) }",
  "import { test } from './rules.js'\ntest('a', () => {})",
  "function test(name, fn) { return fn(name) }\ntest('a', () => {})",
  "setup('a')\nbefore(() => {})",
  "exports.run = () => { it('a', () => {}) }",
  'describe',
  'test(value)',
])('%s holds no test item', (source) => {
  expect(items(source)).toEqual([])
})

test('leading comments and hooks go with the tests', () => {
  const source =
    "const a = 1 // of code\n// of nobody\n\n/* one */\n// two\ntest('a', () => {})\nbeforeEach(() => {})\n"
  expect(items(source)).toEqual(["/* one */\n// two\ntest('a', () => {})", 'beforeEach(() => {})'])
})

test('imports of test modules go with the tests, others do not', () => {
  const source = "import { it } from 'vitest'\nimport fs from 'node:fs'\nexport const a = fs\nit('a', () => {})\n"
  expect(items(source)).toEqual(["import { it } from 'vitest'", "it('a', () => {})"])
  expect(items("import { it } from 'vitest'\nexport { it }\n")).toEqual([])
})
