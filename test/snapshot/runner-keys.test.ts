import { expect, test } from 'vitest'
import { runnerKeys, withRunnerKeys } from '../../src/snapshot/runner-keys.ts'

test("finds the runner's sections, the test scripts, and what those call, but no build", () => {
  const scripts = {
    test: 'npm run lint && npm-run-all unit "types" && yarn cover',
    pretest: 'npm run build',
    unit: 'mocha',
    preunit: 'x',
    types: 'tsd',
    lint: 'eslint .',
    cover: 'c8 mocha',
    build: 'rollup',
    'test:watch': 'mocha -w',
    start: 'node .',
    prepublish: 'x',
  }
  const keys = runnerKeys({ name: 'a', ava: {}, jest: {}, exports: {}, devDependencies: {}, scripts }).map((path) =>
    path.join('.'),
  )
  expect(keys.sort()).toEqual([
    'ava',
    'jest',
    'scripts.cover',
    'scripts.lint',
    'scripts.pretest',
    'scripts.preunit',
    'scripts.test',
    'scripts.test:watch',
    'scripts.types',
    'scripts.unit',
  ])
})

const wanted = '{"scripts":{"test":"mocha"},"ava":{"files":["a"]}}'

test('edits only these keys and keeps the way the file is written', () => {
  const own =
    '{\r\n\t"name": "a",\r\n\t"scripts": {\r\n\t\t"test": "true",\r\n\t\t"start": "node ."\r\n\t},\r\n\t"jest": {}\r\n}\r\n'
  const edited = withRunnerKeys(own, wanted)
  expect(JSON.parse(edited)).toEqual({ name: 'a', scripts: { test: 'mocha', start: 'node .' }, ava: { files: ['a'] } })
  expect(
    edited.startsWith('{\r\n\t"name": "a",\r\n\t"scripts": {\r\n\t\t"test": "mocha",\r\n\t\t"start": "node ."\r\n\t}'),
  ).toBe(true)
})

test('leaves alone what is as it should be, to the byte', () => {
  const own = '{ "scripts" : { "test":"mocha" }, "ava":{"files" : ["a"]}, "version": "2" }'
  expect(withRunnerKeys(own, wanted)).toBe(own)
})

test("a value of either state is honest; any other becomes the last state's", () => {
  const [before, after] = ['{"scripts":{"test":"old"}}', '{"scripts":{"test":"new"}}']
  expect(withRunnerKeys(before, before, after)).toBe(before)
  expect(withRunnerKeys(after, before, after)).toBe(after)
  expect(withRunnerKeys('{"scripts":{"test":"true"}}', before, after)).toBe('{"scripts":{"test":"new"}}')
})

test.each(['', '{', '[]', 'null', '{"scripts": []}', '{"scripts": {"test": 1}}', '\uFEFF{"scripts":{"test":"true"}}'])(
  '%j is read without an error',
  (own) => {
    const edited = withRunnerKeys(own, '{"scripts":{"test":"mocha"}}')
    const parsed = /test/.test(own) || own === '{"scripts": []}' ? JSON.parse(edited.replace(/^\uFEFF/, '')) : null
    if (parsed !== null) expect(parsed.scripts).toMatchObject({ test: 'mocha' })
    else expect(edited).toBe(own)
  },
)
