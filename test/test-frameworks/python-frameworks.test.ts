import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ReportedTest } from '../../src/model/index.ts'
import { frameworkNamed, type Invocation, recognise, reportersFolder } from '../../src/test-frameworks/index.ts'
import { findPython, makeEnvironment, withoutPython } from '../python.ts'
import { tell } from '../tell.ts'
import { invocationOf, viewOf } from './trial.ts'

const python = await findPython('3.8')
const withPython = python === null ? describe.skip : describe
if (python === null) tell(withoutPython('3.8'))

const files: Readonly<Record<string, string>> = {
  'setup.cfg': '[tool:pytest]\naddopts = -x -n 2\ntestpaths = tests\n',
  'cart.py': 'def total():\n    return 2\n',
  'tests/conftest.py': 'import pytest\n\n\n@pytest.fixture\ndef broken():\n    raise RuntimeError("no")\n',
  'tests/test_cart.py': `import pytest
from cart import total

def test_passes(): assert total() == 2
def test_fails(): assert total() == 3
def test_errs(broken): pass
@pytest.mark.skip
def test_skips(): pass
@pytest.mark.xfail
def test_expected(): assert False
@pytest.mark.xfail(strict=True)
def test_unexpected(): pass
@pytest.mark.parametrize('a', ['x::y', 'line\\nline'])
def test_each(a): pass
class TestInside:
    def test_method(self): pass
`,
  'tests/test_broken.py': 'import nothing_of_that_name\n',
  'tests/test_cases.py': `import unittest

class Cases(unittest.TestCase):
    def test_passes(self): pass
    def test_fails(self): self.fail('no')
    def test_parts(self):
        for n in range(3):
            with self.subTest(n=n): self.assertNotEqual(n, 1)
    @unittest.skip('later')
    def test_skips(self): pass
    @unittest.expectedFailure
    def test_expected(self): self.fail()

class NoSetUp(unittest.TestCase):
    @classmethod
    def setUpClass(cls): raise RuntimeError('no')
    def test_never(self): pass
`,
  'documented/words.py':
    'def half(n):\n    """\n    >>> half(4)\n    2\n    """\n    return n // 2\n\n\ndef twice(n):\n    """\n    >>> twice(2)\n    5\n    """\n    return n * 2\n',
  'documented/test_words.py':
    'import doctest\nimport words\n\n\ndef load_tests(loader, tests, ignore):\n    tests.addTests(doctest.DocTestSuite(words))\n    return tests\n',
  'parts/test_parts.py': `import unittest

class Parts(unittest.TestCase):
    def test_skips_one(self):
        for n in range(2):
            with self.subTest(n=n):
                if n == 1: self.skipTest('here')
    @unittest.expectedFailure
    def test_passes_unexpectedly(self): pass
`,
  'spoiled/test_spoiled.py': `import hashlib, json, os, time

def test_spoils():
    hashlib.sha256 = json.encoder.encode_basestring_ascii = os.write = None
    os.getpid = lambda: 0
    time.time = lambda: 0

def test_fails(): assert False
def test_passes(): pass
`,
  'forged/test_forged.py': `import os, pathlib

def test_forges():
    report = pathlib.Path(os.environ['REPORT'])
    assert [each.name for each in report.iterdir()] == ['tests.jsonl']
    with open(str(report / 'tests.jsonl'), 'a') as file:
        file.write('0 {"t":"test","file":"x.py","path":["forged"],"status":"passed","ms":1,"message":null}\\n')
    print('tests/x.py::forged PASSED')

def test_forks():
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
`,
  'own_runner.py': `import sys, unittest

sys.path.insert(0, 'tests')
import test_cases
unittest.defaultTestLoader.loadTestsFromModule(test_cases).run(unittest.TestResult())
`,
  'leaving/test_leaving.py': 'import os\n\ndef test_first(): pass\ndef test_leaves(): os._exit(0)\n',
}

let quarry: string
beforeAll(async () => {
  quarry = await realpath(await mkdtemp(join(tmpdir(), 'quarry-python-')))
  if (python === null) return
  await makeEnvironment(python, join(quarry, 'venv'), ['pytest', 'pytest-xdist'])
  await cp(reportersFolder, join(quarry, 'reporters'), { recursive: true })
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(quarry, 'project', path)), { recursive: true })
    await writeFile(join(quarry, 'project', path), text)
  }
}, 180_000)
afterAll(() => rm(quarry, { recursive: true, force: true }))

/** Runs the command of a plan as a sandbox would, with /quarry in a temporary folder. */
async function run(given: Partial<Invocation>, only: readonly string[] | null = null) {
  const plan = await recognise(invocationOf(given), viewOf(files))
  if (plan === null) throw new Error('no framework knows it')
  const framework = frameworkNamed(plan.framework)
  const command = framework.command(plan, only)
  const report = join(quarry, 'report')
  await rm(report, { recursive: true, force: true })
  await mkdir(report)
  await writeFile(join(report, 'nonce'), 'a secret of this run')
  const [program = '', ...argv] = command.argv.map((argument) => argument.replaceAll('/quarry/', `${quarry}/`))
  const env = {
    PATH: `${join(quarry, 'venv/bin')}:/usr/bin:/bin`,
    HOME: quarry,
    REPORT: report,
    PYTHONDONTWRITEBYTECODE: '1',
    ...command.variables,
  }
  const output = await new Promise<string>((resolve) => {
    execFile(
      program,
      argv,
      { cwd: join(quarry, 'project', command.directory), env, timeout: 60_000 },
      (_error, out, err) => resolve(`${out}${err}`),
    )
  })
  const names = await readdir(report)
  const written = new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(join(report, name))] as const)),
  )
  return {
    ...framework.parse({ files: written, stdout: Buffer.from(''), nonce: 'a secret of this run', directory: '.' }),
    output,
  }
}

const shown = (tests: readonly ReportedTest[]) =>
  Object.fromEntries(tests.map(({ file, path, status }) => [[file, ...path].join(' > '), status]))

withPython('pytest', () => {
  test('tells of each test its file, its class, its parameters and its status', async () => {
    const { complete, tests, output } = await run({
      program: 'pytest',
      nodeArguments: ['-m'],
      arguments: ['--cov', '-q'],
    })
    expect(complete, output).toBe(true)
    expect(shown(tests), output).toEqual({
      'tests/test_broken.py': 'errored',
      'tests/test_cart.py > test_passes': 'passed',
      'tests/test_cart.py > test_fails': 'failed',
      'tests/test_cart.py > test_errs': 'errored',
      'tests/test_cart.py > test_skips': 'skipped',
      'tests/test_cart.py > test_expected': 'skipped',
      'tests/test_cart.py > test_unexpected': 'failed',
      'tests/test_cart.py > test_each[x::y]': 'passed',
      'tests/test_cart.py > test_each[line\\nline]': 'passed',
      'tests/test_cart.py > TestInside > test_method': 'passed',
      'tests/test_cases.py > Cases > test_passes': 'passed',
      'tests/test_cases.py > Cases > test_fails': 'failed',
      'tests/test_cases.py > Cases > test_parts': 'failed',
      'tests/test_cases.py > Cases > test_skips': 'skipped',
      'tests/test_cases.py > Cases > test_expected': 'skipped',
      'tests/test_cases.py > NoSetUp > test_never': 'errored',
    })
  })

  test('runs only the files asked for', async () => {
    const { complete, tests } = await run({ program: 'pytest', nodeArguments: ['-m'] }, ['tests/test_cases.py'])
    expect(complete).toBe(true)
    expect(new Set(tests.map(({ file }) => file))).toEqual(new Set(['tests/test_cases.py']))
  })

  test('reports whatever the tests do to the tools it writes with', async () => {
    const { complete, tests, output } = await run({ program: 'pytest', arguments: ['spoiled'] })
    expect(shown(tests), output).toMatchObject({
      'spoiled/test_spoiled.py > test_fails': 'failed',
      'spoiled/test_spoiled.py > test_passes': 'passed',
    })
    expect(complete).toBe(true)
  })

  test('believes no line that it did not write, and hides the secret from the tests', async () => {
    const { complete, tests, output } = await run({ program: 'pytest', arguments: ['forged'] })
    expect(shown(tests), output).toEqual({
      'forged/test_forged.py > test_forges': 'passed',
      'forged/test_forged.py > test_forks': 'passed',
    })
    expect(complete).toBe(true)
  })

  test('does not take leaving early for success', async () => {
    const { complete, tests } = await run({ program: 'pytest', arguments: ['leaving'] })
    expect(complete).toBe(false)
    expect(shown(tests)).toEqual({ 'leaving/test_leaving.py > test_first': 'passed' })
  })
})

withPython('unittest', () => {
  test('names examples in documentation by what they document', async () => {
    const { complete, tests, output } = await run({
      ...{ program: 'unittest', arguments: ['discover', '-s', 'documented'], nodeArguments: ['-m'] },
    })
    expect(complete, output).toBe(true)
    expect(shown(tests), output).toEqual({
      'documented/words.py > words.half': 'passed',
      'documented/words.py > words.twice': 'failed',
    })
  })

  test('tells a part that skips itself with the test around it, and why a test failed that passed', async () => {
    const { complete, tests, output } = await run({
      ...{ program: 'unittest', arguments: ['discover', '-s', 'parts'], nodeArguments: ['-m'] },
    })
    expect(complete, output).toBe(true)
    expect(shown(tests), output).toEqual({
      'parts/test_parts.py > Parts > test_skips_one': 'skipped',
      'parts/test_parts.py > Parts > test_passes_unexpectedly': 'failed',
    })
    expect(tests.map(({ message }) => message)).toContain('It was expected to fail, and passed.')
  })

  test('tells of each test its file, its class and its status', async () => {
    const { complete, tests, output } = await run({
      program: 'unittest',
      arguments: ['discover', '-s', 'tests', '-p', 'test_[bc]*s*.py', '-f'],
      nodeArguments: ['-m'],
    })
    expect(complete, output).toBe(true)
    expect(shown(tests), output).toEqual({
      'tests/test_cases.py > Cases > test_passes': 'passed',
      'tests/test_cases.py > Cases > test_fails': 'failed',
      'tests/test_cases.py > Cases > test_parts': 'failed',
      'tests/test_cases.py > Cases > test_skips': 'skipped',
      'tests/test_cases.py > Cases > test_expected': 'skipped',
      'tests/test_cases.py > NoSetUp > setUpClass': 'errored',
    })
  })

  test("tells of the tests of a runner that is none of unittest's", async () => {
    const { complete, tests, output } = await run({
      program: 'django',
      arguments: ['own_runner.py', '--testrunner', 'xmlrunner.Runner'],
    })
    expect(complete, output).toBe(true)
    expect(shown(tests), output).toMatchObject({
      'tests/test_cases.py > Cases > test_passes': 'passed',
      'tests/test_cases.py > Cases > test_fails': 'failed',
      'tests/test_cases.py > NoSetUp > setUpClass': 'errored',
    })
    expect(tests).toHaveLength(6)
  })

  test('runs only the files asked for, and tells of one that does not load', async () => {
    const { complete, tests, output } = await run(
      { program: 'unittest', arguments: ['discover', '-s', 'tests'], nodeArguments: ['-m'] },
      ['tests/test_broken.py'],
    )
    expect(shown(tests), output).toEqual({ 'tests/test_broken.py': 'errored' })
    expect(complete).toBe(true)
  })
})
