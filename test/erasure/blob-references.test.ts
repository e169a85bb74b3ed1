import { mkdtemp, readdir, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openFolderBlobs } from '../../src/blobs/folder.ts'
import type { Blobs, Digest } from '../../src/blobs/types.ts'
import { attempts, environments, runs, testNames } from '../../src/db/schema.ts'
import { removeErasedBlobs, removeUnreferenced } from '../../src/erasure/blob-references.ts'
import { addCandidate, addParts, addRepository, strategy } from '../filled-database.ts'
import { testDatabase } from '../postgres.ts'

let database: Awaited<ReturnType<typeof testDatabase>>
let root: string
let blobs: Blobs

beforeAll(async () => {
  database = await testDatabase()
  root = await mkdtemp(join(tmpdir(), 'quarry-blobs-'))
  blobs = await openFolderBlobs(root)
})
afterAll(async () => {
  await database?.close()
  await rm(root, { recursive: true, force: true })
})

const pathOf = (digest: Digest) => join(root, 'sha256', digest.slice(7, 9), digest.slice(9))
const old = new Date(Date.now() - 48 * 3_600_000)
const olderThan = new Date(Date.now() - 24 * 3_600_000)

async function put(text: string, at: Date = old): Promise<Digest> {
  const { digest } = await blobs.put(Buffer.from(text))
  await utimes(pathOf(digest), at, at)
  return digest
}

test('only what no row names goes, and only what is old enough', async () => {
  const { db } = database
  const [layer, log, override, run, loose, young] = await Promise.all([
    put('layer'),
    put('log'),
    put('override'),
    put('run'),
    put('loose'),
    put('young', new Date()),
  ])
  const candidateId = await addCandidate(db, await addRepository(db), 1)
  const { attemptId } = await addParts(db, candidateId, 'key')
  await db.update(environments).set({ blob: layer, log })
  await db.update(attempts).set({ strategy: { ...strategy, overrides: [{ path: 'a', content: override }] } })
  await db.insert(testNames).values({ digest: 'names', count: 0, names: Buffer.alloc(0) })
  const values = { candidateId, attemptId, state: 'after', part: 'suite', ordinal: 0, ended: 'completed' } as const
  const rest = { seconds: {}, cores: 1, namesDigest: 'names', statuses: Buffer.alloc(0), planFiles: [], log: run }
  await db.insert(runs).values({ ...values, ...rest })
  expect(await removeUnreferenced(blobs, db, { olderThan })).toEqual({ removed: 1, bytes: 5 })
  expect(await Promise.all([layer, log, override, run, loose, young].map((digest) => blobs.has(digest)))).toEqual([
    true,
    true,
    true,
    true,
    false,
    true,
  ])
})

test('what is put again while it is set aside stays', async () => {
  const digest = await put('twice')
  const aside = await blobs.setAside(digest)
  await blobs.put(Buffer.from('twice'))
  await aside?.remove()
  expect((await blobs.get(digest)).toString()).toBe('twice')
})

test('what a killed process had set aside is back before the next collection', async () => {
  const digest = await put('left aside')
  const killed = await blobs.setAside(digest)
  expect(await blobs.has(digest)).toBe(false)
  await killed?.putBack()
  expect(await blobs.has(digest)).toBe(true)
  expect(await readdir(join(root, 'aside'))).toEqual([])
})

test("an erasure's blobs go at once where no job runs; where one does, those that it may just have put stay", async () => {
  const { db } = database
  const [fresh, aged] = [await put('fresh', new Date()), await put('aged')]
  await db.execute('create schema if not exists pgboss')
  await db.execute(`create table pgboss.job (state text); insert into pgboss.job values ('active')`)
  expect(await removeErasedBlobs(blobs, db, [fresh, aged], olderThan)).toBe(1)
  expect([await blobs.has(fresh), await blobs.has(aged)]).toEqual([true, false])
  await db.execute('drop schema pgboss cascade')
  expect(await removeErasedBlobs(blobs, db, [fresh, aged], olderThan)).toBe(0)
  expect(await blobs.has(fresh)).toBe(false)
})
