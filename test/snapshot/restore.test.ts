import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Mirror } from '../../src/git/index.ts'
import type { Snapshot } from '../../src/model/index.ts'
import { noTestPaths, restoreTests, splitChange } from '../../src/snapshot/index.ts'
import type { TestPaths } from '../../src/test-frameworks/types.ts'
import { emptyMirror, type File, type Files, filesOf, treeOf } from './sample.ts'

const manifest = (scripts: object, more: object = {}) =>
  `${JSON.stringify({ name: 'cart', scripts, ...more }, null, 2)}\n`

const base: Files = {
  'package.json': manifest({ build: 'tsc', test: 'npm run unit', unit: 'mocha' }, { dependencies: { a: '1' } }),
  'src/cart.js': 'export const total = 1\n',
  'src/mixed.js': "export const add = (a) => a\n\nif (import.meta.vitest) {\n  it('adds one', () => {})\n}\n",
  'src/calm.js': "export const calm = 1\n\nif (import.meta.vitest) {\n  it('is calm', () => {})\n}\n",
  'test/cart.test.js': "test('total', () => {})\n",
  'test/old.test.js': "test('old', () => {})\n",
  'test/fixtures/in.json': '{}\n',
  'test/gone.test.js': "test('gone', () => {})\n",
  '.mocharc.json': '{}\n',
}
const after: Files = {
  ...base,
  'package.json': manifest({ build: 'tsc', test: 'npm run unit', unit: 'mocha --exit' }, { dependencies: { a: '2' } }),
  'src/cart.js': 'export const total = 2\n',
  'src/mixed.js': "export const add = (a, b) => a + b\n\nif (import.meta.vitest) {\n  it('adds two', () => {})\n}\n",
  'test/cart.test.js': "test('total is 2', () => {})\n",
  'test/new.test.js': "test('new', () => {})\n",
}
const { 'test/gone.test.js': _gone, ...merge } = after

/** One mirror for all: the trees are content-addressed, so no test sees another's. */
let mirror: Mirror
let plain: Snapshot
beforeAll(async () => {
  mirror = await emptyMirror(afterAll)
  plain = await snapshotOf(noTestPaths)
})

async function snapshotOf(testPaths: TestPaths): Promise<Snapshot> {
  const outcome = await splitChange({
    mirror,
    baseCommit: await treeOf(mirror, base),
    merge: await treeOf(mirror, merge),
    testPaths,
  })
  if ('refused' in outcome) throw new Error(JSON.stringify(outcome))
  return outcome
}

/** What stands in the tree after a candidate (`start`, with some files set or, by null, taken out) was restored. */
async function restored(patch: Readonly<Record<string, File | null>>, testPaths = noTestPaths, start = base) {
  const snapshot = testPaths === noTestPaths ? plain : await snapshotOf(testPaths)
  const files = Object.fromEntries(
    Object.entries({ ...start, ...patch }).filter((entry): entry is [string, File] => entry[1] !== null),
  )
  const outcome = await restoreTests({ mirror, ...snapshot, testPaths, candidateTree: await treeOf(mirror, files) })
  return { files: await filesOf(mirror, outcome.tree), outcome, before: await filesOf(mirror, snapshot.beforeTree) }
}

/** Tamperings that must leave nothing behind: the tree is then that of the empty patch. */
const undone: Record<string, Readonly<Record<string, File | null>>> = {
  'edits a test of the pull': { 'test/cart.test.js': "test.skip('total is 2', () => {})\n" },
  'edits an old test': { 'test/old.test.js': "test('old', () => { process.exit(0) })\n" },
  'deletes an old test': { 'test/old.test.js': null },
  'brings a deleted test back': { 'test/gone.test.js': "test('gone', () => {})\n" },
  'adds a test': { 'test/mine.test.js': "test('mine', () => {})\n" },
  'adds a test among the sources': {
    'src/mine.js': "import { test } from 'node:test'\ntest('total is 2', () => {})\n",
  },
  'edits a fixture': { 'test/fixtures/in.json': '{"total":1}\n' },
  "edits the runner's configuration": { '.mocharc.json': '{"require":"./src/cheat.js"}\n' },
  'adds a configuration that goes first': {
    '.mocharc.cjs': 'process.exit(0)\n',
    'jest.config.js': 'module.exports = {}\n',
  },
  'edits the test script': {
    'package.json': manifest({ build: 'tsc', test: 'echo ok', unit: 'mocha' }, { dependencies: { a: '1' } }),
  },
  'edits a script that the test script calls': {
    'package.json': manifest({ build: 'tsc', test: 'npm run unit', unit: 'true' }, { dependencies: { a: '1' } }),
  },
  "adds the runner's section": {
    'package.json': manifest(
      { build: 'tsc', test: 'npm run unit', unit: 'mocha' },
      { dependencies: { a: '1' }, mocha: { grep: 'x' } },
    ),
  },
  'adds a script that runs before the test': {
    'package.json': manifest(
      { build: 'tsc', test: 'npm run unit', unit: 'mocha', pretest: 'true', preunit: 'true' },
      { dependencies: { a: '1' } },
    ),
  },
  'makes the manifest a link': { 'package.json': { mode: '120000', content: 'src/cheat.json' } },
  'deletes the manifest': { 'package.json': null },
  'hides keys behind comments': { 'package.json': '{ /* for mocha */ "mocha": { "grep": "x" } }\n' },
  'changes how files are checked out': { '.gitattributes': '*.test.js working-tree-encoding=UTF-16\n' },
  'steers npm': { '.npmrc': 'node-options=--require=./src/cheat.js\n' },
  'replaces a dependency': { 'node_modules/mocha/index.js': 'process.exit(0)\n', 'src/node_modules/a/index.js': '' },
  'makes the test folder a link': {
    test: { mode: '120000', content: 'src' },
    'test/cart.test.js': null,
    'test/old.test.js': null,
    'test/gone.test.js': null,
    'test/fixtures/in.json': null,
  },
  'makes a test a link': { 'test/cart.test.js': { mode: '120000', content: '../src/cart.js' } },
  'makes a test a folder': { 'test/cart.test.js': null, 'test/cart.test.js/a.js': 'a\n' },
  'links into the tests': { 'test/fixtures/link': { mode: '120000', content: '/etc/passwd' } },
  "edits a mixed file's tests": {
    'src/mixed.js': "export const add = (a) => a\n\nif (import.meta.vitest) {\n  it.skip('adds', () => {})\n}\n",
  },
  "drops an untouched mixed file's tests": { 'src/calm.js': 'export const calm = 1\n' },
  'does nothing': {},
}

/** The same tampering by one who brings the fix as well. */
const withFix = (text: string) => text.replace('"a": "1"', '"a": "2"').replace('(a) => a', '(a, b) => a + b')

describe.each(Object.entries(undone))('a candidate that %s', (_name, patch) => {
  test('is graded as the empty patch is', async () => {
    const { files, before } = await restored(patch)
    expect(files).toEqual(before)
  })

  test('gains nothing on top of the fix either', async () => {
    const onTop = Object.entries(patch).map(([path, file]) => [path, typeof file === 'string' ? withFix(file) : file])
    const { files, before } = await restored(Object.fromEntries(onTop), noTestPaths, merge)
    // A manifest that can't be read is the before-state's, which knows nothing of the fix.
    const manifestNow =
      files['package.json'] === before['package.json'] ? before['package.json'] : merge['package.json']
    expect(files).toEqual({ ...merge, 'package.json': manifestNow })
  })
})

test("the candidate's own work stays: sources, manifests, code in mixed files, new files", async () => {
  const { files, outcome } = await restored({
    'src/cart.js': 'export const total = 1 + 1\n',
    'src/round.js': 'export const round = 1\n',
    'src/mixed.js':
      "export const add = (...all) => all.length\nexport const more = 1\n\nif (import.meta.vitest) {\n  it('mine', () => {})\n}\n",
    'package.json': manifest({ build: 'tsc -p .', test: 'true', unit: 'mocha' }, { dependencies: { a: '1', b: '1' } }),
  })
  expect(files).toMatchObject({
    'src/cart.js': 'export const total = 1 + 1\n',
    'src/round.js': 'export const round = 1\n',
    'src/mixed.js':
      "export const add = (...all) => all.length\nexport const more = 1\n\nif (import.meta.vitest) {\n  it('adds two', () => {})\n}\n",
    'package.json': manifest(
      { build: 'tsc -p .', test: 'npm run unit', unit: 'mocha --exit' },
      { dependencies: { a: '1', b: '1' } },
    ),
  })
  expect(outcome.deleted).toEqual(['test/gone.test.js'])
})

test('a mixed file restored from the base does not bring the fix', async () => {
  const { files } = await restored({})
  expect(files['src/mixed.js']).toContain('add = (a) => a')
  expect(files['src/mixed.js']).toContain("it('adds two'")
  expect(files['package.json']).toContain('"a": "1"')
})

test("what the frameworks' configuration names is put back too", async () => {
  const paths: TestPaths = { tests: ['checks/**'], support: ['tools/prepare.js'], configuration: ['vite.config.*'] }
  const { files, before } = await restored(
    { 'checks/mine.js': 'verify()\n', 'tools/prepare.js': 'cheat()\n', 'vite.config.ts': 'export default {}\n' },
    paths,
  )
  expect(files).toEqual(before)
})

test('a manifest of its own keeps all but the runner', async () => {
  const { files } = await restored({
    'packages/new/package.json': manifest({ start: 'node .', test: 'true' }, { mocha: {} }),
  })
  expect(JSON.parse(files['packages/new/package.json'] ?? '')).toEqual({ name: 'cart', scripts: { start: 'node .' } })
})

test('a key that stands twice in a manifest hides nothing', async () => {
  const twice =
    '{"scripts":{"test":"npm run unit","unit":"mocha --exit"},"name":"cart","scripts":{"test":"echo ok","unit":"true"}}'
  const { files } = await restored({ 'package.json': twice })
  expect(JSON.parse(files['package.json'] ?? '')).toMatchObject({
    scripts: { test: 'npm run unit', unit: 'mocha --exit' },
  })
})
