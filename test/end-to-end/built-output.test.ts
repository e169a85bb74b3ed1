import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { zstdDecompressSync } from 'node:zlib'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { homeWithDownloads } from '../downloads.ts'
import { testDatabase } from '../postgres.ts'
import { jsonLines, runQuarry } from './sample.ts'

/** A repository whose tests run on what its build writes: `prepare` builds on every install, and `test` builds again. */
const manifest = {
  name: 'built',
  version: '1.0.0',
  main: 'dist/index.js',
  scripts: { build: 'node build.js', prepare: 'npm run build', test: 'npm run build && mocha' },
  devDependencies: { mocha: '10.8.2' },
}
const first = {
  '.gitignore': 'dist/\nnode_modules/\n',
  'package.json': `${JSON.stringify(manifest, null, 2)}\n`,
  'build.js': "require('fs').cpSync('src', 'dist', { recursive: true })\n",
  'src/index.js': 'exports.double = (n) => n + n + 1\nexports.half = (n) => n / 2\n',
  'test/index.js': testFile('assert.equal(half(4), 2)', 'halves'),
}
const fix = {
  'src/index.js': 'exports.double = (n) => n + n\nexports.half = (n) => n / 2\n',
  'test/index.js': testFile('assert.equal(half(4), 2)', 'halves') + testFile('assert.equal(double(2), 4)', 'doubles'),
}

function testFile(body: string, name: string): string {
  return `{ const assert = require('assert'); const { double, half } = require('..'); it('${name}', () => { ${body} }) }\n`
}

let folder: string
let database: Awaited<ReturnType<typeof testDatabase>>
const quarry = (args: readonly string[], input?: string) =>
  runQuarry(args, { QUARRY_HOME: join(folder, 'home'), DATABASE_URL: database.url }, input)

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-built-'))
  homeWithDownloads(join(folder, 'home'))
  database = await testDatabase()
  const work = join(folder, 'built')
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', work, '-c', 'user.name=Ada', '-c', 'user.email=ada@built.invalid', ...args])
  const commit = (files: Readonly<Record<string, string>>, message: string) => {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(work, path)), { recursive: true })
      writeFileSync(join(work, path), content)
    }
    git('add', '--all')
    git('commit', '--quiet', '--message', message)
  }
  mkdirSync(work)
  git('init', '--quiet', '--initial-branch=main')
  commit(first, 'Begin')
  commit(fix, 'Double exactly (#2)\n\nFixes #1')
  const mined = await quarry(['mine', work, '--name', 'acme/built', '--json'])
  expect(mined.exitCode, mined.stderr + mined.stdout).toBe(0)
}, 300_000)

afterAll(async () => {
  await database?.close()
  rmSync(folder, { recursive: true, force: true })
})

test('no layer holds what the build wrote, nor anything that git tracks', async () => {
  const { rows } = await database.db.execute<{ blob: string }>(sql`select blob from environments where state = 'built'`)
  expect(rows.length).toBeGreaterThan(0)
  for (const { blob } of rows) {
    const paths = pathsOf(readFileSync(blobFile(blob)))
    expect(paths.some((path) => path.startsWith('testbed/node_modules/mocha/'))).toBe(true)
    expect(paths.filter((path) => !/^testbed\/node_modules(\/|$)/.test(path))).toEqual([])
  }
})

test('runs build what they test: the empty patch fails on the base, the fix passes', async () => {
  const grade = async (patch: string) =>
    jsonLines((await quarry(['grade', 'acme__built-2', '--patch', '-', '--json'], patch)).stdout)[0]
  expect(await grade('')).toMatchObject({ verdict: 'unresolved', pass_to_pass: { passed: 1, failed: [] } })
  const { stdout } = await quarry(['task', 'acme__built-2', '--patch', 'fix'])
  expect(await grade(stdout)).toMatchObject({ verdict: 'resolved', reward: 1 })
})

test('a build that a patch brings along does not count', async () => {
  const patch = `diff --git a/dist/index.js b/dist/index.js
new file mode 100644
--- /dev/null
+++ b/dist/index.js
@@ -0,0 +1,2 @@
+exports.double = (n) => n + n
+exports.half = (n) => n / 2
`
  const { stdout } = await quarry(['grade', 'acme__built-2', '--patch', '-', '--json'], patch)
  expect(jsonLines(stdout)[0]).toMatchObject({ verdict: 'unresolved', reward: 0 })
})

function blobFile(digest: string): string {
  const name = digest.replace('sha256:', '')
  const files = readdirSync(join(folder, 'home/blobs'), { recursive: true, withFileTypes: true })
  const file = files.find(
    (entry) => entry.isFile() && join(entry.parentPath, entry.name).replaceAll('/', '').includes(name),
  )
  if (file === undefined) throw new Error(`no blob ${digest}`)
  return join(file.parentPath, file.name)
}

function pathsOf(layer: Buffer): string[] {
  const tar = zstdDecompressSync(layer)
  return execFileSync('tar', ['--list'], { input: tar, encoding: 'utf8', maxBuffer: 1 << 28 })
    .split('\n')
    .filter(Boolean)
}
