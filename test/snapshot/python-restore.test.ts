import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Mirror } from '../../src/git/index.ts'
import type { Snapshot } from '../../src/model/index.ts'
import { noTestPaths, restoreTests, splitChange } from '../../src/snapshot/index.ts'
import { withTestParts } from '../../src/snapshot/test-parts.ts'
import { emptyMirror, type File, type Files, filesOf, treeOf } from './sample.ts'

const project = (addopts: string, dependency: string) => `[project]
name = "cart"
dependencies = ["${dependency}"]

# How tests are run.
[tool.pytest.ini_options]
addopts = "${addopts}"

[tool.ruff]
line-length = 100
`
const base: Files = {
  'pyproject.toml': project('-q', 'a'),
  'setup.cfg': '[metadata]\nname = cart\n\n[tool:pytest]\ntestpaths = tests\n',
  'src/cart.py': 'def total():\n    return 1\n',
  'src/tools/fakes_for_tests.py': 'FAKE = 1\n',
  'tests/conftest.py': 'RATE = 1\n',
  'tests/test_cart.py':
    'from cart import total\nfrom tools import fakes_for_tests\n\n\ndef test_total():\n    assert total() == 1\n',
}
const merge: Files = {
  ...base,
  'pyproject.toml': project('-q -W error', 'b'),
  'src/cart.py': 'def total():\n    return 2\n',
  'src/tools/fakes_for_tests.py': 'FAKE = 2\n',
  'tests/test_cart.py':
    'from cart import total\nfrom tools import fakes_for_tests\n\n\ndef test_total():\n    assert total() == 2\n',
}

let mirror: Mirror
let snapshot: Snapshot
beforeAll(async () => {
  mirror = await emptyMirror(afterAll)
  const outcome = await splitChange({
    mirror,
    baseCommit: await treeOf(mirror, base),
    merge: await treeOf(mirror, merge),
    testPaths: noTestPaths,
  })
  if ('refused' in outcome) throw new Error(JSON.stringify(outcome))
  snapshot = outcome
})

async function restored(patch: Readonly<Record<string, File | null>>) {
  const files = Object.fromEntries(
    Object.entries({ ...base, ...patch }).filter((entry): entry is [string, File] => entry[1] !== null),
  )
  const outcome = await restoreTests({
    mirror,
    ...snapshot,
    testPaths: noTestPaths,
    candidateTree: await treeOf(mirror, files),
  })
  return filesOf(mirror, outcome.tree)
}

describe('a pull to a Python project', () => {
  test('leaves the settings of pytest with the tests, and the dependencies with the fix', async () => {
    const before = await filesOf(mirror, snapshot.beforeTree)
    expect(before['pyproject.toml']).toBe(project('-q -W error', 'a'))
    expect(snapshot.fixPatch.toString()).not.toContain('-W error')
    expect(snapshot.fixPatch.toString()).toContain('"b"')
  })

  test('takes a module that only tests import for their support', () => {
    const kinds = Object.fromEntries(snapshot.changes.map(({ path, kind }) => [path, kind]))
    expect(kinds).toMatchObject({ 'src/tools/fakes_for_tests.py': 'test-support', 'src/cart.py': 'source' })
  })
})

/** Tamperings that must leave nothing behind: the tree is then that of the empty patch. */
const undone: Record<string, Readonly<Record<string, File | null>>> = {
  'edits the settings of pytest in pyproject.toml': { 'pyproject.toml': project('-k nothing', 'a') },
  'writes them in another way': {
    'pyproject.toml': project('-q', 'a').replace(
      '[tool.pytest.ini_options]\naddopts = "-q"',
      '[tool]\npytest.ini_options.addopts = "-k nothing"',
    ),
  },
  'takes them out': { 'pyproject.toml': project('-q', 'a').replace(/# How[^[]*\[tool\.pytest[^[]*/, '') },
  'edits the settings of pytest in setup.cfg': {
    'setup.cfg': '[metadata]\nname = cart\n\n[tool:pytest]\ntestpaths = mine\n',
  },
  'adds settings that go above all others': {
    'pytest.ini': '[pytest]\naddopts = -k nothing\n',
    '.pytest.ini': '[pytest]\n',
    'pytest.toml': '[pytest]\n',
  },
  'adds settings for another runner': { 'tox.ini': '[pytest]\naddopts = -k nothing\n' },
  'adds a conftest to the sources': {
    'src/conftest.py': 'import os\nos._exit(0)\n',
    'conftest.py': 'collect_ignore = ["tests"]\n',
  },
  'edits the conftest of the tests': {
    'tests/conftest.py': 'def pytest_collection_modifyitems(items):\n    items.clear()\n',
  },
  'brings code that Python starts with': { 'src/sitecustomize.py': 'open("x")\n', 'usercustomize.py': '' },
  'writes into the environment': { '.quarry/venv/lib/python3.11/site-packages/evil.pth': 'import os\n' },
  'brings a plug-in of pytest by its metadata': { 'cart.egg-info/entry_points.txt': '[pytest11]\nmine = cart\n' },
  'edits a test': { 'tests/test_cart.py': 'def test_total():\n    pass\n' },
  'adds a test among the sources': { 'src/test_cart.py': 'def test_total():\n    assert True\n' },
}

describe('before grading', () => {
  test.each(Object.entries(undone))('a patch that %s changes nothing', async (_name, patch) => {
    const empty = await restored({})
    const files = await restored(patch)
    // Where the settings had to be written anew, what they say is what counts.
    if ('pyproject.toml' in patch) {
      expect(files['pyproject.toml']).toContain('-q -W error')
      expect(files['pyproject.toml']).not.toContain('nothing')
    } else expect(files).toEqual(empty)
  })

  test('a patch keeps what it changes beside them', async () => {
    const files = await restored({
      'pyproject.toml': project('-k nothing', 'c'),
      'src/cart.py': 'def total():\n    return 3\n',
    })
    expect(files['pyproject.toml']).toBe(project('-q -W error', 'c'))
    expect(files['src/cart.py']).toContain('return 3')
  })

  test('a manifest that can no longer be read is that of before', async () => {
    expect((await restored({ 'pyproject.toml': '[broken' }))['pyproject.toml']).toBe(project('-q -W error', 'a'))
  })

  test('a new setup.cfg may not configure tests', () => {
    expect(withTestParts('setup.cfg', '[metadata]\nname = a\n\n[tool:pytest]\naddopts = -x\n', '')).toBe(
      '[metadata]\nname = a\n',
    )
  })
})
