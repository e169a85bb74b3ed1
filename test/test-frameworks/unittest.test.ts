import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { reportersFolder } from '../../src/test-frameworks/index.ts'
import { unittest } from '../../src/test-frameworks/unittest.ts'

const project = { directory: '.', paths: [], read: async () => null, lockedVersion: () => null }

test.each([
  [
    ['discover', '-v', '-s', 'test', '-t', '.'],
    ['discover', '-s', 'test', '-t', '.'],
  ],
  [
    ['discover', 'test', '-p', '*_test.py'],
    ['discover', '-p', '*_test.py', 'test'],
  ],
  [
    ['-k', 'half', 'test.test_half'],
    ['-k', 'half', 'test.test_half'],
  ],
  [[], []],
])('unittest %j is started with discover before its options', async (given, expected) => {
  const invocation = {
    ...{ program: 'unittest', arguments: given, nodeArguments: [], variables: {}, directory: '.', from: '' },
  }
  const plan = (await unittest.recognise(invocation, project)) ?? expect.fail()
  expect(plan.arguments).toEqual(expected)
  expect(unittest.command(plan, null).argv.join(' ')).toMatch(
    new RegExp(`${expected.join(' ').replace(/[*.]/g, '\\$&')}$`),
  )
})

test("Python's reporters are read by Python 2 as well, which takes a file without a word on its encoding for ASCII", () => {
  const files = readdirSync(reportersFolder).filter((name) => name.startsWith('python_') && name.endsWith('.py'))
  expect(files.length).toBeGreaterThan(3)
  for (const file of files) expect(readFileSync(join(reportersFolder, file), 'utf8'), file).toMatch(/^[\t\n -~]*$/)
})
