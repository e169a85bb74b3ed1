import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { referencedBlobs } from '../../src/erasure/blob-references.ts'
import { type Clone, makeClone, markerOf } from '../erasure/marked-clone.ts'
import { tracesInDatabase, tracesInFiles } from '../erasure/traces.ts'
import { testDatabase } from '../postgres.ts'
import { startProgram } from '../program.ts'
import { quarry as command, fewestRuns, jsonLines, runQuarry } from './sample.ts'

// Each is a dozen commands, some of which mine.
vi.setConfig({ testTimeout: 600_000 })

let folder: string
let home: string
let database: Awaited<ReturnType<typeof testDatabase>>

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-forget-'))
  home = join(folder, 'home')
  database = await testDatabase()
})
afterAll(async () => {
  await database?.close()
  rmSync(folder, { recursive: true, force: true })
})

const quarry = (...args: string[]) => runQuarry(args, { QUARRY_HOME: home, DATABASE_URL: database.url })

const mine = async (clone: Clone) => {
  const ended = await quarry(...clone.arguments)
  return { ...ended, lines: jsonLines(ended.stdout) }
}
const nothingLeft = async (marker: string) => {
  expect(await tracesInDatabase(database.db, marker)).toEqual([])
  expect(tracesInFiles(home, marker)).toEqual([])
}

test('every digest that the database holds of a stored blob is one that the garbage collection counts', async () => {
  await mine(makeClone(folder, 'counted', 'Counted'))
  const task = 'acme__counted-2'
  await runQuarry(
    ['grade', task, '--patch', '-'],
    { QUARRY_HOME: home, DATABASE_URL: database.url },
    (await quarry('task', task, '--patch', 'fix')).stdout,
  )
  const referenced = await referencedBlobs(database.db)
  const blobs = readdirSync(join(home, 'blobs/sha256'), { recursive: true }).map(String)
  const digests = blobs.filter((path) => path.includes('/')).map((path) => `sha256:${path.replace('/', '')}`)
  expect(digests.length).toBeGreaterThan(2)
  for (const digest of digests) {
    if (!referenced.has(digest)) expect(await tracesInDatabase(database.db, digest)).toEqual([])
    else expect(existsSync(join(home, 'blobs/sha256', digest.slice(7, 9), digest.slice(9)))).toBe(true)
  }
  expect([...referenced].filter((digest) => !digests.includes(digest))).toEqual([])
})

test('a forgotten repository leaves its name, and nothing else anywhere; what it shared with another stays', async () => {
  const secret = makeClone(folder, 'secret', markerOf('secret'))
  const other = makeClone(folder, 'other', 'Plain')
  expect((await mine(other)).lines.at(0)).toMatchObject({ state: 'vetted' })
  expect((await mine(secret)).lines.at(0)).toMatchObject({ state: 'vetted', task: 'acme__secret-2' })
  const asked = await quarry('grade', 'acme__secret-2', '--patch', secret.pulls)
  expect(asked.exitCode).toBe(3)
  expect(await tracesInDatabase(database.db, markerOf('secret'))).toEqual(
    expect.arrayContaining([
      'public.pulls.title',
      'public.pull_issues.body',
      'public.tasks.statement',
      'public.grades.patch',
    ]),
  )
  expect(tracesInFiles(home, markerOf('secret'))).not.toEqual([])
  const before = jsonLines((await quarry('tasks', '--json')).stdout)
  const sequence = Math.max(...before.map((line) => Number(line.sequence)))

  const unasked = await quarry('forget', 'acme/secret')
  expect(unasked).toMatchObject({
    exitCode: 2,
    stderr: expect.stringMatching(/1 tasks, 1 candidates[\s\S]*mend: add --yes/),
  })
  const done = await quarry('forget', 'acme/secret', '--yes', '--json')
  expect(done.exitCode, done.stderr).toBe(0)
  expect(jsonLines(done.stdout)).toEqual([
    expect.objectContaining({ repository: 'acme/secret', tasks: 1, candidates: 1, retired: 1, machines_left: [] }),
  ])
  await nothingLeft(markerOf('secret'))

  const named = async (...args: string[]) =>
    jsonLines((await quarry('tasks', '--json', ...args)).stdout).map(({ task, state }) => [task, state])
  expect(await named()).not.toContainEqual(['acme__secret-2', expect.anything()])
  const then = before.map(({ task }) => task)
  expect((await named('--as-of', String(sequence))).map(([task]) => task)).toEqual(then)
  expect(await named('--as-of', String(sequence))).toContainEqual(['acme__secret-2', 'retired'])
  expect(await quarry('task', 'acme__secret-2')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringMatching(/was erased/),
  })
  const ledger = jsonLines((await quarry('candidates', '--repository', 'acme/secret', '--json')).stdout)
  expect(ledger).toEqual([
    expect.objectContaining({
      state: 'refused',
      reason: 'not-consented',
      evidence: { forgotten: expect.any(String), why: 'forgotten' },
    }),
  ])
  const { stdout: fix } = await quarry('task', 'acme__other-2', '--patch', 'fix')
  writeFileSync(join(folder, 'fix.patch'), fix)
  const graded = await quarry('grade', 'acme__other-2', '--patch', join(folder, 'fix.patch'))
  expect(graded.exitCode, graded.stderr).toBe(0)
})

test('it is not mined again until that is undone, and then makes the next revision', async () => {
  const secret = makeClone(folder, 'returns', markerOf('returns'))
  await mine(secret)
  await quarry('forget', 'acme/returns', '--yes')
  const again = await mine(secret)
  expect(again).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/was forgotten on [\s\S]*--undo/) })
  expect((await quarry('forget', 'acme/returns', '--yes', '--json')).exitCode).toBe(0)
  await nothingLeft(markerOf('returns'))
  expect((await quarry('forget', 'acme/returns', '--undo')).exitCode).toBe(0)
  expect((await quarry('forget', 'acme/returns', '--undo')).exitCode).toBe(3)
  expect((await mine(secret)).lines.at(0)).toMatchObject({ state: 'vetted' })
  const [task] = jsonLines((await quarry('tasks', '--repository', 'acme/returns', '--json')).stdout)
  expect(task).toMatchObject({ revision: 2, title: `Broken ${markerOf('returns')}` })
  await quarry('forget', 'acme/returns', '--yes')
  await nothingLeft(markerOf('returns'))
})

test('one pull is forgotten by itself: its task goes, and it stays out of the next run', async () => {
  const clone = makeClone(folder, 'single', 'Single')
  await mine(clone)
  const refs = () => clone.repository.git('--git-dir', mirrorOf('single'), 'for-each-ref', 'refs/quarry')
  const mirrorOf = (name: string) => join(home, 'mirrors', `${ids.get(name)}.git`)
  const { rows } = await database.db.execute<{ id: string; name: string }>(sql`select id, name from repositories`)
  const ids = new Map(rows.map(({ id, name }) => [name.replace('acme/', ''), id]))
  expect(refs()).not.toBe('')
  expect((await quarry('forget', 'acme/single#2', '--yes')).exitCode).toBe(0)
  expect(refs()).toBe('')
  const again = await mine(clone)
  expect(again.lines.at(0)).toMatchObject({ pull: 2, state: 'refused', reason: 'not-consented' })
  expect((await database.db.execute(sql`select 1 from pull_issues where body like '%Single%'`)).rows).toEqual([])
  expect((await quarry('forget', 'acme/single#77', '--yes')).exitCode).toBe(0)
})

test('an unknown repository is told with the names that are near', async () => {
  mkdirSync(home, { recursive: true })
  expect(await quarry('forget', 'acme/othr', '--yes')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringMatching(/acme\/othr[\s\S]*did you mean acme\/other/),
  })
  expect((await quarry('forget', 'acme', '--yes')).exitCode).toBe(2)
})

test('a run that is under way while its repository is forgotten brings nothing back, and ends', async () => {
  const slow = makeClone(folder, 'slow', markerOf('slow'), 3)
  const { PATH = '', HOME = '' } = process.env
  const mining = startProgram([command, ...slow.arguments], {
    env: { PATH, HOME, ...fewestRuns, QUARRY_HOME: home, DATABASE_URL: database.url },
  })
  for (let stage = ''; stage !== 'validators'; ) {
    const { rows } = await database.db.execute<{ stage: string }>(
      sql`select stage from candidates c join repositories r on r.id = c.repository_id where r.name = 'acme/slow'`,
    )
    stage = rows[0]?.stage ?? ''
  }
  expect((await quarry('forget', 'acme/slow', '--yes')).exitCode).toBe(0)
  const told = JSON.parse(await mining.heard('{"repository"').then((rest) => `{"repository"${rest}`))
  expect(told).toMatchObject({ state: 'refused', reason: 'not-consented' })
  await mining.finish()
  await quarry('forget', 'acme/slow', '--yes')
  await nothingLeft(markerOf('slow'))
})
