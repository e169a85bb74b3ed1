import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { openFolderBlobs } from '../../src/blobs/folder.ts'
import type { Digest } from '../../src/blobs/types.ts'
import { snapshotArchives } from '../../src/db/schema.ts'
import { removeUnreferenced } from '../../src/erasure/blob-references.ts'
import { trimArchives } from '../../src/pipeline/snapshot-archives.ts'
import { addRepository, addTask } from '../filled-database.ts'
import { testDatabase } from '../postgres.ts'

const database = await testDatabase()
const { db } = database
const folder = await mkdtemp(join(tmpdir(), 'quarry-archives-'))
const blobs = await openFolderBlobs(folder)
const repositoryId = await addRepository(db)
let pull = 0
afterAll(async () => {
  await database.close()
  await rm(folder, { recursive: true })
})
beforeEach(() => db.delete(snapshotArchives))

/** An archive of ten bytes that was used on a day of January. */
async function add(content: string, day: number): Promise<Digest> {
  pull += 1
  const { digest, bytes } = await blobs.put(Buffer.from(content.padEnd(10)))
  const usedAt = new Date(Date.UTC(2024, 0, day))
  const taskId = await addTask(db, repositoryId, pull)
  await db
    .insert(snapshotArchives)
    .values({ taskId, format: 'tar', blob: digest, bytes, commit: 'c'.repeat(40), usedAt })
  return digest
}

const kept = async (digests: readonly Digest[]) => Promise.all(digests.map((digest) => blobs.has(digest)))

test('those used longest ago go first, with their bytes, until the rest fits', async () => {
  const digests = [await add('third', 3), await add('first', 1), await add('second', 2)]
  expect(await trimArchives(db, blobs, 30)).toEqual({ removed: 0, bytes: 0 })
  expect(await trimArchives(db, blobs, 20)).toEqual({ removed: 1, bytes: 10 })
  expect(await kept(digests)).toEqual([true, false, true])
  expect(await db.$count(snapshotArchives)).toBe(2)
})

test('one that was just made stays, however little room there is', async () => {
  const digests = [await add('made', 1), await add('used', 2)]
  expect(await trimArchives(db, blobs, 0, digests[0])).toMatchObject({ removed: 1 })
  expect(await kept(digests)).toEqual([true, false])
})

test('one that several tasks share counts once, and goes with all its rows', async () => {
  const shared = await add('shared', 1)
  expect(await add('shared', 2)).toBe(shared)
  const other = await add('other', 3)
  expect(await trimArchives(db, blobs, 20)).toEqual({ removed: 0, bytes: 0 })
  expect(await trimArchives(db, blobs, 10)).toEqual({ removed: 1, bytes: 10 })
  expect(await kept([shared, other])).toEqual([false, true])
  expect(await db.$count(snapshotArchives)).toBe(1)
})

test('the nightly clean-up of blobs takes none that is named', async () => {
  const digest = await add('named', 1)
  await removeUnreferenced(blobs, db, { olderThan: new Date(Date.now() + 60_000) })
  expect(await blobs.has(digest)).toBe(true)
})
