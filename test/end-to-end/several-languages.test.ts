import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tell } from '../tell.ts'
import { makeSmallRepository, partOf, type SmallRepository } from './small-repository.ts'

const hasPython = spawnSync('python3', ['--version'], { stdio: 'ignore' }).status === 0
if (!hasPython) tell('python3 is not on this machine: a repository of two languages is not tested')

const base = {
  'package.json': '{"name":"shop","version":"1.0.0","scripts":{"test":"node --test"}}\n',
  'package-lock.json':
    '{"name":"shop","version":"1.0.0","lockfileVersion":3,"packages":{"":{"name":"shop","version":"1.0.0"}}}\n',
  'half.js': 'exports.half = (n) => n\n',
  'test/half.test.js':
    "const test = require('node:test')\nconst { half } = require('../half.js')\ntest('is there', () => { half(0) })\n",
  'setup.py': "from setuptools import setup\nsetup(name='shop', version='1.0.0', py_modules=['twice'])\n",
  'twice.py': 'def twice(n):\n    return n\n',
  'test/test_twice.py':
    'import unittest\nfrom twice import twice\n\n\nclass Twice(unittest.TestCase):\n    def test_is_there(self):\n        twice(0)\n',
  '.github/workflows/ci.yml': `on: push
jobs:
  js:
    runs-on: ubuntu-latest
    steps: [{ run: npm test }]
  python:
    runs-on: ubuntu-latest
    steps: [{ run: python -m unittest discover -s test -t . }]
`,
  'test/__init__.py': '',
}
const merge = {
  'half.js': 'exports.half = (n) => n / 2\n',
  'test/half.test.js':
    "const test = require('node:test')\nconst { half } = require('../half.js')\ntest('is there', () => { half(0) })\ntest('halves', () => { if (half(4) !== 2) throw new Error('no') })\n",
  'twice.py': 'def twice(n):\n    return n * 2\n',
  'test/test_twice.py': `${base['test/test_twice.py']}\n    def test_doubles(self):\n        self.assertEqual(twice(2), 4)\n`,
}

let repository: SmallRepository
let mined: Awaited<ReturnType<SmallRepository['mine']>>

beforeAll(async () => {
  if (!hasPython) return
  repository = await makeSmallRepository('both', base, merge)
  mined = await repository.mine()
}, 300_000)
afterAll(() => repository?.remove())

describe.skipIf(!hasPython)('a pull with tests in two languages', { timeout: 120_000 }, () => {
  test('is one task that runs both, each with its own ecosystem', async () => {
    expect(mined.line, mined.told).toMatchObject({
      state: 'vetted',
      fail_to_pass: ['test/half.test.js > halves', 'test/test_twice.py > Twice > test_doubles'],
      pass_to_pass: 2,
    })
    const { stdout } = await repository.quarry(['tasks', '--ecosystem', 'python', '--json'])
    expect(stdout).toContain('"acme__both-2"')
  })

  test('half of the fix is none', async () => {
    const fix = await repository.patchOf('fix')
    expect(await repository.rewardOf(fix)).toBe(1)
    for (const path of ['half.js', 'twice.py']) {
      expect(partOf(fix, path)).not.toBe('')
      expect(await repository.rewardOf(partOf(fix, path))).toBe(0)
    }
  })
})
