import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { applyToTree, type Mirror } from '../../src/git/index.ts'
import type { Refused, Snapshot } from '../../src/model/index.ts'
import { checkoutSnapshot, noTestPaths, restoreTests, splitChange } from '../../src/snapshot/index.ts'
import type { TestPaths } from '../../src/test-frameworks/types.ts'
import { emptyMirror, type Files, filesOf, git, scratch, treeOf } from './sample.ts'

async function split(base: Files, merge: Files, testPaths: TestPaths = noTestPaths) {
  const mirror = await emptyMirror()
  const baseCommit = await treeOf(mirror, base)
  return { mirror, outcome: await splitChange({ mirror, baseCommit, merge: await treeOf(mirror, merge), testPaths }) }
}

function held(outcome: Snapshot | Refused): Snapshot {
  if ('refused' in outcome) throw new Error(`refused: ${JSON.stringify(outcome)}`)
  return outcome
}

const kindsOf = (snapshot: Snapshot) => Object.fromEntries(snapshot.changes.map(({ path, kind }) => [path, kind]))

/** Applies patches as a user would: plain `git apply` in a work tree of the base. */
async function appliedPlainly(mirror: Mirror, snapshot: Snapshot, patches: readonly Buffer[]): Promise<string> {
  const folder = await scratch()
  await checkoutSnapshot(mirror, snapshot.baseTree, join(folder, 'tree'))
  for (const patch of patches) {
    await writeFile(join(folder, 'patch'), patch)
    await git(join(folder, 'tree'), 'apply', join(folder, 'patch'))
  }
  await git(join(folder, 'tree'), 'add', '--all', '--force')
  return git(join(folder, 'tree'), 'write-tree')
}

const code = { 'src/cart.js': 'export const total = 1\n', 'test/cart.test.js': "test('total', () => {})\n" }
const fixed = { 'src/cart.js': 'export const total = 2\n', 'test/cart.test.js': "test('total is 2', () => {})\n" }

const shapes: Record<string, [Files, Files]> = {
  'a changed source and test': [code, fixed],
  'binary files': [
    { ...code, 'src/a.bin': Buffer.from([0, 1, 2, 255]), 'test/fixtures/b.bin': Buffer.from([0, 9]) },
    {
      ...fixed,
      'src/a.bin': Buffer.from([0, 255, 10, 13]),
      'test/fixtures/b.bin': Buffer.from([0, 8, 7]),
      'test/c.png': Buffer.from([137, 0, 10]),
    },
  ],
  'renames on both sides': [
    { 'lib/old.js': 'export const a = 1\n'.repeat(9), 'test/old.test.js': "test('a', () => {})\n".repeat(9) },
    { 'lib/new.js': 'export const a = 1\n'.repeat(9), 'test/new.test.js': "test('a', () => {})\n".repeat(9) },
  ],
  'a test that moves out of the sources': [
    { 'src/cart.test.js': "test('a', () => {})\n", 'src/cart.js': 'export {}\n' },
    { 'test/cart.test.js': "test('a', () => {})\n", 'src/cart.js': 'export const a = 1\n' },
  ],
  'modes and links': [
    { ...code, 'src/run.js': 'go()\n', 'test/run.test.js': "test('a', () => {})\n", 'src/link': 'plain\n' },
    {
      ...fixed,
      'src/run.js': { mode: '100755', content: 'go()\n' },
      'test/run.test.js': { mode: '100755', content: "test('a', () => {})\n" },
      'src/link': { mode: '120000', content: 'cart.js' },
      'test/link': { mode: '120000', content: '../src' },
    },
  ],
  'CRLF with and without attributes': [
    {
      '.gitattributes': '*.txt text eol=crlf\n*.js -text\n',
      'src/a.js': 'one\r\ntwo\r\n',
      'test/a.txt': 'one\ntwo\n',
      'src/b.txt': 'b\nc\n',
    },
    {
      '.gitattributes': '*.txt text eol=crlf\n*.js -text\n',
      'src/a.js': 'one\r\n2\r\n',
      'test/a.txt': 'one\n2\n',
      'src/b.txt': 'b\nd\n',
    },
  ],
  'CRLF in the store without attributes': [
    { 'src/a.js': 'one\r\ntwo\r\n', 'test/a.test.js': '// 1\r\n// 2\r\n' },
    { 'src/a.js': 'one\r\n2\r\nthree\n', 'test/a.test.js': '// 1\r\n// two\r\n' },
  ],
  'names that need quoting': [
    {
      'src/ünï cödé.js': 'a\n',
      'src/"quoted"\t.js': 'a\n',
      'src/ leading': 'a\n',
      'test/日本 語.test.js': 'a\n',
      'src/back\\slash.js': 'a\n',
    },
    {
      'src/ünï cödé.js': 'b\n',
      'src/"quoted"\t.js': 'b\n',
      'src/ leading': 'b\n',
      'test/日本 語.test.js': 'b\n',
      'src/back\\slash.js': 'b\n',
      "test/it's $HOME.js": 'c\n',
    },
  ],
  'empty files and missing line ends': [
    { 'src/empty.js': '', 'src/a.js': 'a', 'test/a.test.js': 'a', 'test/gone.test.js': '' },
    { 'src/empty.js': 'x', 'src/a.js': 'b\n', 'test/a.test.js': '', 'test/new.test.js': '' },
  ],
  'a file that becomes a folder': [
    { ...code, 'src/part': 'a\n', 'test/part': 'a\n' },
    { ...fixed, 'src/part/a.js': 'a\n', 'test/part/a.test.js': 'a\n' },
  ],
  'a mixed file': [
    { 'src/add.js': "export const add = (a) => a\n\nif (import.meta.vitest) {\n  test('one', () => {})\n}\n" },
    { 'src/add.js': "export const add = (a, b) => a + b\n\nif (import.meta.vitest) {\n  test('two', () => {})\n}\n" },
  ],
  'a mixed file that gets its first test': [
    {
      'src/add.js':
        'export const add = (a) => a\n\nexport const one = 1\n\nexport const two = 2\n\nexport const three = 3\n',
    },
    {
      'src/add.js':
        "export const add = (a, b) => a + b\n\nexport const one = 1\n\nexport const two = 2\n\nexport const three = 3\n\nif (import.meta.vitest) {\n  test('two', () => {})\n}\n",
    },
  ],
  'a manifest with both': [
    {
      ...code,
      'package.json':
        '{\n  "name": "cart",\n  "version": "1.0.0",\n  "type": "module",\n  "scripts": {\n    "test": "mocha"\n  },\n  "x": 1,\n  "y": 1,\n  "dependencies": {}\n}\n',
    },
    {
      ...fixed,
      'package.json':
        '{\n  "name": "cart",\n  "version": "1.0.1",\n  "type": "module",\n  "scripts": {\n    "test": "mocha test"\n  },\n  "x": 1,\n  "y": 1,\n  "dependencies": {\n    "a": "1"\n  }\n}\n',
    },
  ],
  'a manifest that can not be parted': [
    { ...code, 'package.json': '{\n  "scripts": {\n    "build": "a",\n    "test": "a"\n  }\n}\n' },
    { ...fixed, 'package.json': '{\n  "scripts": {\n    "build": "b",\n    "test": "b"\n  }\n}\n' },
  ],
}

describe.each(Object.entries(shapes))('%s', (_name, [base, merge]) => {
  test('splits into patches that apply alone, in either order, and give the merge; restores to the same states', async () => {
    const { mirror, outcome } = await split(base, merge)
    const snapshot = held(outcome)
    const { fixPatch, testPatch } = snapshot
    expect(await appliedPlainly(mirror, snapshot, [testPatch])).toBe(snapshot.beforeTree)
    expect(await appliedPlainly(mirror, snapshot, [fixPatch, testPatch])).toBe(snapshot.afterTree)
    expect(await applyToTree(mirror, snapshot.beforeTree, fixPatch)).toEqual({ tree: snapshot.afterTree })
    // What grading relies on: the fix is restored to the after-state, the empty patch to the before-state.
    const restore = (candidateTree: string) =>
      restoreTests({ mirror, ...snapshot, testPaths: noTestPaths, candidateTree })
    expect((await restore(snapshot.afterTree)).tree).toBe(snapshot.afterTree)
    expect((await restore(snapshot.baseTree)).tree).toBe(snapshot.beforeTree)
    expect((await restore(snapshot.beforeTree)).tree).toBe(snapshot.beforeTree)
  })
})

test('the fix patch holds no test and the test patch no fix, inside a mixed file too', async () => {
  const { mirror, outcome } = await split(...(shapes['a mixed file'] ?? [{}, {}]))
  const snapshot = held(outcome)
  expect(kindsOf(snapshot)).toEqual({ 'src/add.js': 'mixed' })
  expect((await filesOf(mirror, snapshot.beforeTree))['src/add.js']).toBe(
    "export const add = (a) => a\n\nif (import.meta.vitest) {\n  test('two', () => {})\n}\n",
  )
  expect(String(snapshot.fixPatch)).toContain('+export const add = (a, b)')
  expect(String(snapshot.fixPatch)).not.toContain('+  test(')
  expect(String(snapshot.testPatch)).not.toContain('+export')
})

test("a manifest's runner keys go with the tests, its dependencies with the fix", async () => {
  const { outcome } = await split(...(shapes['a manifest with both'] ?? [{}, {}]))
  const { fixPatch, testPatch } = held(outcome)
  expect(String(testPatch)).toContain('+    "test": "mocha test"')
  expect(String(testPatch)).not.toMatch(/version.*1\.0\.1|"a": "1"/)
  expect(String(fixPatch)).toMatch(/\+ {2}"version": "1\.0\.1"/)
  expect(String(fixPatch)).not.toContain('+    "test"')
})

test("the frameworks' configuration, syntax and use decide where convention can't", async () => {
  const base = { 'index.js': 'export {}\n' }
  const merge = {
    'index.js': 'export const a = 1\n',
    'checks/cart.js': "verify('a')\n",
    'config/prepare.js': 'globalThis.x = 1\n',
    'vite.config.js': 'export default {}\n',
    'src/self.js': "import { test } from 'node:test'\ntest('a', () => {})\n",
    'test/server.js': 'export const serve = () => {}\n',
    'tools/fake-server.js': 'export const serve = () => {}\n',
    'tools/fake-clock.js': 'export const clock = () => {}\n',
    'src/clock.js': "import '../tools/fake-clock.js'\n",
    'examples/model.conf': 'a = 1\n',
    'examples/named.conf': 'a = 1\n',
    'README.md': 'see examples/named.conf\n',
    'src/reads.js': "read('examples/named.conf')\n",
    'test/cart.test.js':
      "import { serve } from '../tools/fake-server.js'\nimport '../tools/fake-clock.js'\ntest('a', () => { load('examples/model.conf', 'examples/named.conf') })\n",
  }
  const { outcome } = await split(base, merge, {
    tests: ['checks/**'],
    support: ['config/prepare.js'],
    configuration: ['vite.config.*'],
  })
  expect(kindsOf(held(outcome))).toEqual({
    'index.js': 'source',
    'checks/cart.js': 'test',
    'config/prepare.js': 'test-support',
    'vite.config.js': 'test-support',
    'src/self.js': 'test',
    'test/server.js': 'test-support',
    'tools/fake-server.js': 'test-support',
    'tools/fake-clock.js': 'source',
    'src/clock.js': 'source',
    'examples/model.conf': 'test-support',
    'examples/named.conf': 'docs',
    'README.md': 'docs',
    'src/reads.js': 'source',
    'test/cart.test.js': 'test',
  })
})

test.each([
  ['no-test-change', code, { ...code, 'src/cart.js': 'export const total = 3\n' }],
  [
    'no-test-change',
    { 'src/a.js': 'export const a = 1\nif (import.meta.vitest) {}\n' },
    { 'src/a.js': 'export const a = 2\nif (import.meta.vitest) {}\n' },
  ],
  ['only-test-change', code, { ...code, 'test/cart.test.js': "test('b', () => {})\n" }],
  [
    'no-source-change',
    code,
    { ...code, 'test/cart.test.js': "test('b', () => {})\n", 'README.md': 'b\n', 'package-lock.json': '{}\n' },
  ],
  [
    'split-failed',
    { 'src/a.js': "export const a = 1\ntest('a', () => {})\nexport const b = 1\n" },
    { 'src/a.js': "export const a = 2\ntest('b', () => {})\nexport const b = 2\n" },
  ],
] as const)('%s is refused with its evidence', async (reason, base, merge) => {
  const { outcome } = await split(base, merge)
  expect(outcome).toMatchObject({ refused: reason })
  expect(Object.keys('refused' in outcome ? outcome.evidence : {})).not.toEqual([])
})

describe("the owners' word on paths", () => {
  const base = { 'src/a.js': 'export const a = 1\n', 'checks/a.js': 'export const b = 1\n', 'copy/c.js': 'c(1)\n' }
  const merge = { 'src/a.js': 'export const a = 2\n', 'checks/a.js': 'export const b = 2\n', 'copy/c.js': 'c(2)\n' }

  test('what they call a test is one, and what they ignore goes with the fix', async () => {
    const stated = { test: ['checks/**'], ignore: ['copy/**'] }
    const { outcome } = await split(base, merge, { ...noTestPaths, stated })
    expect(kindsOf(held(outcome))).toEqual({ 'src/a.js': 'source', 'checks/a.js': 'test', 'copy/c.js': 'vendored' })
  })

  test.each([
    [[], [], 'no-test-change'],
    [['checks/**'], ['src/**', 'copy/**'], 'only-test-change'],
    [['checks/**'], ['checks/**'], 'no-test-change'],
    [['package.json', 'src/**', 'checks/**', 'copy/**'], [], 'only-test-change'],
  ])('tests %j and ignored %j: %s', async (tests, ignore, reason) => {
    const { outcome } = await split(base, merge, { ...noTestPaths, stated: { test: tests, ignore } })
    expect(outcome).toMatchObject({ refused: reason })
  })

  test('ignored tests stay out of the fix, and are put back', async () => {
    const files = (n: number) => ({
      ...merge,
      'src/a.js': `export const a = ${n}\n`,
      'checks/a.js': `check(${n})\n`,
      'slow/x.test.js': `test('x', () => ${n})\n`,
    })
    const testPaths = { ...noTestPaths, stated: { test: ['checks/**'], ignore: ['slow/**'] } }
    const { mirror, outcome } = await split(files(1), files(2), testPaths)
    const snapshot = held(outcome)
    expect(snapshot.fixPatch.toString()).not.toContain('slow/')
    const restored = await restoreTests({ ...snapshot, mirror, testPaths, candidateTree: snapshot.baseTree })
    expect(restored.tree).toBe(snapshot.beforeTree)
  })
})
