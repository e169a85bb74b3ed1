import { mkdir, mkdtemp, readdir, rm, stat, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openFolderBlobs } from '../../src/blobs/folder.ts'
import type { Blobs, Digest } from '../../src/blobs/types.ts'
import { attempts, candidates, repositories } from '../../src/db/schema.ts'
import { findSource } from '../../src/git/index.ts'
import { cleanUp } from '../../src/pipeline/clean-up.ts'
import { type Mirrors, makeMirrors } from '../../src/pipeline/mirrors.ts'
import { makeSources } from '../../src/pipeline/sources.ts'
import { addCandidate, addParts, addRepository, addTask } from '../filled-database.ts'
import { makeRepository, type TestRepository } from '../git/repository.ts'
import { testDatabase } from '../postgres.ts'

let database: Awaited<ReturnType<typeof testDatabase>>
let folder: string
let home: string
let blobs: Blobs
let mirrors: Mirrors
let made = 0

beforeAll(async () => {
  database = await testDatabase()
  folder = await mkdtemp(join(tmpdir(), 'quarry-clean-'))
})
beforeEach(async () => {
  made += 1
  home = join(folder, `home-${made}`)
  blobs = await openFolderBlobs(join(home, 'blobs'))
  mirrors = makeMirrors(home, database.db)
})
afterAll(async () => {
  await database?.close()
  await rm(folder, { recursive: true, force: true })
})

const clean = (disk: number) =>
  cleanUp({ home, db: database.db, blobs, sources: makeSources(null), budgets: { disk, logDays: 30, auditDays: 365 } })
const there = async () => (await readdir(join(home, 'mirrors'))).filter((name) => name.endsWith('.git')).sort()

/** A repository with its mirror on this machine. */
async function mirrored(name: string): Promise<{ id: number; origin: TestRepository }> {
  const origin = makeRepository(join(folder, `${name}-${made}`))
  origin.commit('Begin', { 'a.js': `${name}\n` })
  const id = await addRepository(database.db, `acme/${name}-${made}`)
  await database.db.update(repositories).set({ origin: origin.folder }).where(eq(repositories.id, id))
  const source = await findSource(origin.folder, { name: `acme/${name}`, forge: 'github.com', directory: '/' })
  await mirrors.update(id, source)
  return { id, origin }
}

test('over the budget mirrors go that can be fetched again, and come back when they are wanted', async () => {
  const { id, origin } = await mirrored('spare')
  await mirrors.close()
  expect((await clean(1e12)).mirrors.removed).toBe(0)
  const report = await clean(0)
  expect(report.mirrors).toMatchObject({ removed: 1, bytes: expect.any(Number) })
  expect(await there()).toEqual([])
  const mirror = await mirrors.open(id, () =>
    findSource(origin.folder, { name: 'acme/spare', forge: 'github.com', directory: '/' }),
  )
  expect(await mirror.text(['rev-parse', 'HEAD'])).toBe(origin.git('rev-parse', 'HEAD'))
  await mirrors.close()
})

test('the only copy stays: its source is gone, or lost a commit that a task stands on', async () => {
  const { id: gone, origin } = await mirrored('gone')
  const { id: rewritten, origin: rewriting } = await mirrored('rewritten')
  const base = rewriting.commit('Lost', { 'b.js': 'b\n' })
  const source = await findSource(rewriting.folder, { name: 'acme/r', forge: 'github.com', directory: '/' })
  await mirrors.update(rewritten, source)
  const task = await addTask(database.db, rewritten, 1)
  await database.db.execute(
    `update snapshots set base_commit = '${base}' where id = (select snapshot_id from tasks where id = ${task})`,
  )
  await mirrors.close()
  rewriting.git('reset', '--hard', '--quiet', 'HEAD~1')
  await rm(origin.folder, { recursive: true })
  expect((await clean(0)).mirrors.removed).toBe(0)
  expect(await there()).toEqual([`${gone}.git`, `${rewritten}.git`].sort())
})

test('what a process works in stays, and so does one whose candidates are under way', async () => {
  const { id: held } = await mirrored('held')
  await clean(0)
  expect(await there()).toEqual([`${held}.git`])
  await mirrors.close()
  await addCandidate(database.db, held, 1, { state: 'proposed', stage: 'environment' })
  await clean(0)
  expect(await there()).toEqual([`${held}.git`])
})

test('a mirror that was removed under a process is fetched anew at its next opening', async () => {
  const { id, origin } = await mirrored('pulled')
  await rm(join(home, 'mirrors', `${id}.git`), { recursive: true })
  const source = () => findSource(origin.folder, { name: 'acme/p', forge: 'github.com', directory: '/' })
  expect(await (await mirrors.open(id, source)).text(['rev-parse', 'HEAD'])).toBe(origin.git('rev-parse', 'HEAD'))
  await mirrors.close()
})

test('logs of refused candidates go when they are old, and the ledger says so', async () => {
  const { db } = database
  const repositoryId = await addRepository(db, `acme/logs-${made}`)
  const refusedWithLog = async (number: number, decidedAt: Date): Promise<[number, Digest]> => {
    const { digest } = await blobs.put(Buffer.from(`log ${number}`))
    const longAgo = new Date(0)
    await utimes(await blobs.file(digest), longAgo, longAgo)
    const evidence = { log: digest, detail: 'kept' }
    const id = await addCandidate(db, repositoryId, number, { state: 'refused', reason: 'flaky', evidence, decidedAt })
    const { attemptId } = await addParts(db, id, `logs ${made} ${number}`)
    await db.update(attempts).set({ log: digest }).where(eq(attempts.id, attemptId))
    return [id, digest]
  }
  const [old, gone] = await refusedWithLog(1, new Date('2020-01-01'))
  const [, kept] = await refusedWithLog(2, new Date())
  expect(await clean(1e12)).toMatchObject({ logs: { removed: 1 }, blobs: { removed: 1 } })
  expect([await blobs.has(gone), await blobs.has(kept)]).toEqual([false, true])
  const [row] = await db.select().from(candidates).where(eq(candidates.id, old))
  expect(row?.evidence).toEqual({ detail: 'kept', log_removed: expect.any(String) })
})

test('folders of dead processes and layers that nothing knows go; a living one keeps its own', async () => {
  const dead = join(home, 'work', '00000000-1-1-1')
  const unknown = join(home, 'layers', 'f'.repeat(64))
  await mkdir(dead, { recursive: true })
  await mkdir(unknown, { recursive: true })
  expect(await clean(1e12)).toMatchObject({ workFolders: { removed: 1 }, layers: { removed: 0 } })
  await expect(stat(dead)).rejects.toThrow()
  // Placed today: its row may be on its way.
  expect((await stat(unknown)).isDirectory()).toBe(true)
})
