import { join } from 'node:path'
import { asc, eq } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { attempts, candidates, pulls, snapshots } from '../../src/db/schema.ts'
import { homeWithDownloads } from '../downloads.ts'
import { makeFolder, makeRepository } from '../git/repository.ts'
import { testDatabase } from '../postgres.ts'
import { jsonLines, runQuarry } from './sample.ts'

/** Nothing but the settings says where the tests are, how they are run, and what they need beside `npm ci`. */
const settings = `paths:
  test: ["checks/**"]
  ignore: ["third/**"]
environment:
  toolchain: { node: "22" }
  install: ["npm ci", "node tools/make-table.js"]
  build: ["node tools/build.js"]
  test: { framework: node-test, command: "node --test checks/sum.js" }
limits: { run_minutes: 2 }
`
const first = {
  '.gitignore': 'node_modules/\nbuilt/\n',
  '.github/quarry.yml': settings,
  'package.json': '{ "name": "sums", "version": "1.0.0", "scripts": { "test": "exit 1" } }\n',
  'package-lock.json':
    '{ "name": "sums", "version": "1.0.0", "lockfileVersion": 3, "packages": { "": { "name": "sums", "version": "1.0.0" } } }\n',
  'tools/make-table.js':
    "require('fs').mkdirSync('node_modules/table', { recursive: true })\nrequire('fs').writeFileSync('node_modules/table/index.js', 'exports.zero = 0\\n')\n",
  'tools/build.js': "require('fs').cpSync('src', 'built', { recursive: true })\n",
  'src/sum.js': 'exports.sum = (a, b) => a - b\nexports.same = (a) => a\n',
  'checks/sum.js': checks('assert.equal(same(2), 2)'),
}

function checks(...bodies: readonly string[]): string {
  const head = `const assert = require('node:assert')
const test = require('node:test')
const { zero } = require('table')
const { sum, same } = require('../built/sum.js')
exports.zero = zero
`
  return head + bodies.map((body) => `test(${JSON.stringify(body)}, () => { ${body} })\n`).join('')
}

const sums = { 'src/sum.js': 'exports.sum = (a, b) => a + b\nexports.same = (a) => a\n' }
const testsOfSums = { 'checks/sum.js': checks('assert.equal(same(2), 2)', 'assert.equal(sum(1, 1), 2 + zero)') }
/** The next pull asks for a Node that nobody has; its tests can be run without the settings, too. */
const unfollowable = {
  '.github/quarry.yml': 'paths: { test: ["checks/**"] }\nenvironment: { toolchain: { node: "99" } }\n',
  'package.json': '{ "name": "sums", "version": "1.0.0", "scripts": { "test": "node --test checks/own.js" } }\n',
  'src/own.js': 'exports.own = 1\n',
  'checks/own.js':
    "const test = require('node:test')\ntest('own', () => { if (require('../src/own.js').own !== 1) throw new Error('no') })\n",
}

let folder: string
let database: Awaited<ReturnType<typeof testDatabase>>
let mined: readonly Record<string, unknown>[]

beforeAll(async () => {
  folder = makeFolder()
  database = await testDatabase()
  const repository = makeRepository(join(folder, 'sums'))
  repository.commit('Begin', first)
  repository.commit('Sum up (#2)\n\nFixes #1', { ...sums, ...testsOfSums, 'third/copy.js': 'exports.copy = 1\n' })
  repository.commit('Copy (#4)\n\nFixes #3', {
    'third/copy.js': 'exports.copy = 2\n',
    'checks/copy.test.js': "require('node:test')('copies', () => {})\n",
  })
  repository.commit('Own (#6)\n\nFixes #5', unfollowable)
  const variables = { QUARRY_HOME: homeWithDownloads(join(folder, 'home')), DATABASE_URL: database.url }
  const ended = await runQuarry(['mine', repository.folder, '--name', 'acme/sums', '--json'], variables)
  expect(ended.exitCode, ended.stderr + ended.stdout).toBe(0)
  mined = jsonLines(ended.stdout)
}, 300_000)

afterAll(async () => {
  await database?.close()
})

async function attemptsOf(number: number) {
  return database.db
    .select({ attempt: attempts, flags: candidates.flags })
    .from(attempts)
    .innerJoin(candidates, eq(candidates.id, attempts.candidateId))
    .innerJoin(pulls, eq(pulls.id, candidates.pullId))
    .where(eq(pulls.number, number))
    .orderBy(asc(attempts.position))
}

test('what only the settings tell is mined by them', async () => {
  expect(mined.find(({ pull }) => pull === 2)).toMatchObject({
    state: 'vetted',
    fail_to_pass: ['checks/sum.js > assert.equal(sum(1, 1), 2 + zero)'],
    pass_to_pass: 1,
  })
  const [own, ...others] = await attemptsOf(2)
  expect(others).toEqual([])
  expect(own?.attempt).toMatchObject({
    outcome: 'works',
    strategy: {
      name: 'quarry-yml',
      install: [{ argv: ['sh', '-c', 'npm ci'] }, { argv: ['sh', '-c', 'node tools/make-table.js'] }],
      build: [{ argv: ['sh', '-c', 'node tools/build.js'] }],
      tests: [{ framework: 'node-test', arguments: ['--test', 'checks/sum.js'] }],
      stated: { 'environment.toolchain.node': '22' },
    },
  })
  expect(own?.attempt.strategy.toolchain.node).toMatch(/^22\./)
  expect(own?.flags).not.toContain('settings-not-followed')
})

test('ignored paths go with the fix, stated tests with the tests', async () => {
  const all = await database.db.select().from(snapshots)
  const snapshot = all.find(({ changes }) => changes.some(({ path }) => path === 'src/sum.js'))
  const kinds = Object.fromEntries((snapshot?.changes ?? []).map(({ path, kind }) => [path, kind]))
  expect(kinds).toEqual({ 'checks/sum.js': 'test', 'src/sum.js': 'source', 'third/copy.js': 'vendored' })
  expect(snapshot?.testPaths).toMatchObject({ stated: { test: ['checks/**'], ignore: ['third/**'] } })
})

test('a change of ignored paths alone is no change of the source', () => {
  expect(mined.find(({ pull }) => pull === 4)).toMatchObject({ state: 'refused', reason: 'only-test-change' })
})

test('settings that can not be followed fail an attempt that quotes them, and flag what is used in their place', async () => {
  expect(mined.find(({ pull }) => pull === 6)).toMatchObject({ state: 'vetted' })
  const [own, other] = await attemptsOf(6)
  expect(own?.attempt).toMatchObject({
    outcome: 'failed',
    reason: 'toolchain-not-available',
    evidence: { settings: [{ setting: 'environment.toolchain.node', value: '99' }] },
    strategy: { name: 'quarry-yml' },
  })
  expect(other?.attempt.outcome).toBe('works')
  expect(own?.flags).toContain('settings-not-followed')
})
