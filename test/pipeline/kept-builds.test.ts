import { mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { applyToTree, type Mirror, openMirror, resolveRevision } from '../../src/git/index.ts'
import { runAndCompare } from '../../src/grade/run-and-compare.ts'
import { type HeldPlace, holdPlace } from '../../src/pipeline/environments.ts'
import { makeWorkTrees, type WorkTrees } from '../../src/pipeline/work-trees.ts'
import { createSandbox } from '../../src/sandboxes/index.ts'
import type { Sandbox } from '../../src/sandboxes/types.ts'
import { applyChangesScript } from '../../src/snapshot/index.ts'
import { reportersFolder } from '../../src/test-frameworks/index.ts'
import { makeCoreBudget } from '../../src/test-runs/cores.ts'
import type { HeldEnvironment } from '../../src/test-runs/held-environment.ts'
import { strategy as filled } from '../filled-database.ts'
import { makeFolder, makeRepository } from '../git/repository.ts'
import { ownCores } from '../test-runs/own-cores.ts'

const home = makeFolder()
const source = 'exports.half = (n) => n\n'
const build =
  "require('fs').mkdirSync('dist', { recursive: true }); require('fs').copyFileSync('half.js', 'dist/half.js')\n"
const halves = `const { test } = require('node:test')
test('halves', () => { if (require('../dist/half.js').half(4) !== 2) throw new Error('no') })
test('stays', () => {
  const fs = require('fs')
  if (fs.existsSync('dist/seen.js')) throw new Error('of an earlier run')
  if (fs.existsSync('reborn/here') && fs.existsSync('reborn/tracked.txt')) throw new Error('taken away before')
  for (const at of ['dist/half.js', 'dist/seen.js']) fs.writeFileSync(at, 'exports.half = (n) => n / 2')
})
`
const patchOf = (path: string, before: string, after: string) => {
  const lines = (text: string, sign: string) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => `${sign}${line}\n`)
  const [old, fresh] = [lines(before, '-'), lines(after, '+')]
  return Buffer.from(
    `--- a/${path}\n+++ b/${path}\n@@ -1,${old.length} +1,${fresh.length} @@\n${old.join('')}${fresh.join('')}`,
  )
}
const fix = patchOf('half.js', source, 'exports.half = (n) => n / 2\n')
/** Builds what makes the tests pass, and leaves it wherever a later build or run may find it. */
const poison = patchOf(
  'build.js',
  build,
  `const fs = require('fs'); fs.mkdirSync('dist', { recursive: true })
for (const at of ['dist/half.js', 'half.js', '/tmp/half.js', process.env.HOME + '/half.js']) fs.writeFileSync(at, 'exports.half = (n) => n / 2')
`,
)

let sandbox: Sandbox
let trees: WorkTrees
let mirror: Mirror
let base: string
let place: HeldPlace | null = null

beforeAll(async () => {
  const repository = makeRepository(join(home, 'repository'))
  const commit = repository.commit('one', {
    ...{
      'half.js': source,
      'build.js': build,
      'slow.js': 'setTimeout(() => undefined, 60_000)\n',
      'test/half.test.js': halves,
      'reborn/tracked.txt': '',
    },
    'dice.js': `${build}require('fs').writeFileSync('dist/time.js', String(Math.random()))\n`,
    'fails.js': `${build}process.exit(1)\n`,
    'reborn.js': `${build}require('fs').rmSync('reborn', { recursive: true }); require('fs').mkdirSync('reborn'); require('fs').writeFileSync('reborn/here', '')\n`,
  })
  mirror = openMirror(join(repository.folder, '.git'))
  base = (await resolveRevision(mirror, `${commit}^{tree}`)) ?? expect.fail()
  sandbox = createSandbox('bubblewrap', { home, node: process.execPath })
  trees = makeWorkTrees(join(home, 'trees'), sandbox)
})
afterAll(async () => {
  await mirror.close()
  await sandbox.close()
  await trees.close()
  rmSync(home, { recursive: true, force: true })
})

afterEach(async () => {
  await place?.release()
  place = null
})

/** A place as grades have it, whose strategy builds by a script. */
const hold = async (script: string): Promise<HeldEnvironment> => {
  place = await holdIn(script)
  const limits = { seconds: 60, memoryMiB: 1024 }
  return place.environment({ mirror, limits, coresPerRun: 1, priority: 0, once: true, keepBuilds: true })
}

const holdIn = (script: string) => {
  const layer = join(home, 'layer')
  mkdirSync(layer, { recursive: true })
  const plan = { framework: 'node-test', directory: '.', version: '24.0.0', arguments: ['test/half.test.js'] } as const
  return holdPlace(
    {
      runner: { sandbox, reporters: reportersFolder, applyScript: applyChangesScript, node: process.execPath },
      layers: {
        hold: async () => ({ folder: layer, release: async () => undefined }),
        ...{ place: expect.fail, unpacked: async () => [], shrink: async () => 0 },
      },
      trees,
      prebuilt: { hold: async () => null, forget: async () => undefined },
      toolchains: {
        resolveVersion: expect.fail,
        provide: async () => ({ folder: dirname(dirname(process.execPath)), digest: '' }),
      },
      cores: makeCoreBudget([0, 1], ownCores()),
      coresPerRun: 1,
    },
    {
      ...{ mirror, baseTree: base, tag: null },
      strategy: {
        ...filled,
        build: [{ argv: ['/env/node/bin/node', ...script.split(' ')], directory: '.', variables: {} }],
        tests: [{ ...plan, nodeArguments: [], variables: {} }],
        variables: { PATH: '/env/node/bin:/usr/bin:/bin' },
      },
      environment: {
        ...{
          id: 1,
          key: 'k',
          repositoryId: null,
          installationId: 0,
          state: 'built',
          layer: 'sha256:l',
          blob: 'sha256:b',
        },
        ...{ layerBytes: 0, unpackedBytes: 0, root: 'root', toolchain: {}, reason: null, evidence: {}, flags: [] },
        ...{ log: null, seconds: 0, createdAt: new Date(), usedAt: new Date() },
      },
    },
  )
}

const treeWith = async (patch: Buffer) => {
  const applied = await applyToTree(mirror, base, patch)
  return 'tree' in applied ? applied.tree : expect.fail(applied.rejected)
}

/** What the tests came to, and whether the builds of an earlier run were used. */
const seen = async (held: HeldEnvironment, tree: string, anew = false) => {
  const { ending, log } = await held.run(tree, null, { anew })
  const passed = (name: string) => ending.statuses.get(`test/half.test.js > ${name}`) === 'passed'
  return { halves: passed('halves'), stays: passed('stays'), kept: log.includes('# builds: as in earlier runs') }
}

test('builds that came out alike twice are used for the same tree; what tests change in them is not seen again', async () => {
  const held = await hold('build.js')
  const built = { halves: false, stays: true, kept: false }
  expect(await seen(held, base)).toEqual(built)
  expect(await seen(held, base)).toEqual(built)
  expect(await seen(held, base)).toEqual({ ...built, kept: true })
  expect(await seen(held, base)).toEqual({ ...built, kept: true })
  expect(await seen(held, base, true)).toEqual(built)
  const fixed = await treeWith(fix)
  expect(await seen(held, fixed)).toEqual({ halves: true, stays: true, kept: false })
})

test('a patch gains nothing for any other by what it builds, before or after', async () => {
  const held = await hold('build.js')
  const [poisoned, fixed] = [await treeWith(poison), await treeWith(fix)]
  const task = { failToPass: ['test/half.test.js > halves'], passToPass: ['test/half.test.js > stays'] }
  const verdict = async (tree: string) =>
    (await runAndCompare({ ...task, snapshot: { afterTree: fixed } }, held, tree)).verdict
  for (let round = 0; round < 4; round += 1) {
    expect(await seen(held, poisoned)).toMatchObject({ halves: true, kept: round > 1 })
    expect([await verdict(base), await verdict(fixed)]).toEqual(['unresolved', 'resolved'])
  }
  expect([(await seen(held, base)).kept, (await seen(held, fixed)).kept]).toEqual([true, true])
})

test.each([
  ['throw dice', 'dice.js'],
  ['fail', 'fails.js'],
])('builds that %s are never used again', async (_, script) => {
  const held = await hold(script)
  for (let round = 0; round < 4; round += 1)
    expect(await seen(held, base)).toEqual({ halves: false, stays: true, kept: false })
})

test('a folder that the builds made anew stays empty of what git holds there', async () => {
  const held = await hold('reborn.js')
  for (let round = 0; round < 3; round += 1)
    expect(await seen(held, base)).toEqual({ halves: false, stays: true, kept: round > 1 })
})

test('a run that is given less time than any has ends by then', async () => {
  const held = await hold('slow.js')
  const { ending } = await held.run(base, null, { seconds: 1 })
  expect(ending).toMatchObject({ ended: 'timed-out', afterSeconds: 1 })
})

const repeat = async (held: HeldEnvironment, tree: string) => {
  const { ending, log } = await held.run(tree, null, { repeated: true })
  const passed = (name: string) => ending.statuses.get(`test/half.test.js > ${name}`) === 'passed'
  return { halves: passed('halves'), stays: passed('stays'), shared: log.includes('all repeated runs of this state') }
}

test('repeated runs of a state share one build of it; what tests change in it is not seen again, nor in another state', async () => {
  const held = await hold('build.js')
  const [poisoned, fixed] = [await treeWith(poison), await treeWith(fix)]
  const rounds = await Promise.all(
    [poisoned, base, fixed, base, fixed, poisoned].map(async (tree) => repeat(held, tree)),
  )
  expect(rounds.map(({ halves }) => halves)).toEqual([true, false, true, false, true, true])
  expect(rounds.filter(({ stays, shared }) => stays && shared)).toHaveLength(6)
  expect(await repeat(held, base)).toEqual({ halves: false, stays: true, shared: true })
})

test('what a state takes away and its builds make anew is the same in a shared build', async () => {
  const held = await hold('reborn.js')
  const without = await treeWith(
    Buffer.from(
      'diff --git a/reborn/tracked.txt b/reborn/tracked.txt\ndeleted file mode 100644\nindex e69de29..0000000\n',
    ),
  )
  for (const tree of [base, base]) expect(await repeat(held, tree)).toMatchObject({ stays: true, shared: true })
  // Its build removes what is not there any more, and fails.
  expect(await repeat(held, without)).toMatchObject({ shared: false })
})

test('each repeated run builds for itself where builds fail', async () => {
  const held = await hold('fails.js')
  for (let round = 0; round < 2; round += 1)
    expect(await repeat(held, base)).toEqual({ halves: false, stays: true, shared: false })
})
