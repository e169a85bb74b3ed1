import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tasks } from '../../src/db/schema.ts'
import { erasePull } from '../../src/erasure/erase.ts'
import { retireTasks } from '../../src/erasure/retire.ts'
import { taskVersions } from '../../src/query/versions.ts'
import { addRepository, addTask, endTask } from '../filled-database.ts'
import { testDatabase } from '../postgres.ts'

let database: Awaited<ReturnType<typeof testDatabase>>
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database?.close())

test('tells each revision and what happened to it, in order, with the reason', async () => {
  const { db } = database
  const repositoryId = await addRepository(db)
  const first = await addTask(db, repositoryId, 5)
  await endTask(db, first, 'quarantined')
  const second = await addTask(db, repositoryId, 5)
  await retireTasks(db, { tasks: [second] }, 'later-reverted')
  const versions = await taskVersions(db, 'acme__shop-5')
  expect(versions).toMatchObject([
    { revision: 1, state: 'quarantined', erased_at: null, events: [{ event: 'published' }, { event: 'quarantined' }] },
    { revision: 2, state: 'retired', events: [{ event: 'published' }, { event: 'retired', reason: 'later-reverted' }] },
  ])
  const sequences = versions.flatMap(({ events }) => events.map(({ sequence }) => sequence))
  expect(sequences).toEqual([...sequences].sort((a, b) => a - b))
  expect(await taskVersions(db, 'acme__shop-5@2')).toEqual(versions.slice(1))
  expect(await taskVersions(db, 'acme__shop-5@3')).toEqual([])
  expect(await taskVersions(db, 'acme__shop-50')).toEqual([])
})

test('an erased task is still told of', async () => {
  const { db } = database
  const repositoryId = await addRepository(db, 'acme/gone')
  const id = await addTask(db, repositoryId, 6)
  await erasePull(db, repositoryId, 6, 'forgotten')
  const [erased] = await db.select().from(tasks).where(eq(tasks.id, id))
  expect(await taskVersions(db, 'acme__gone-6')).toMatchObject([
    {
      erased_at: erased?.erasedAt?.toISOString(),
      events: [{ event: 'published' }, { event: 'retired', reason: 'forgotten' }],
    },
  ])
})
