import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { localCaller } from '../../src/access/index.ts'
import { cleanLeases, completeLease, releaseLease } from '../../src/leases/index.ts'
import { testDatabase } from '../postgres.ts'
import { addTasks, leased, letPass, namesOf } from './scene.ts'

let database: Awaited<ReturnType<typeof testDatabase>>
beforeAll(async () => {
  database = await testDatabase()
  await addTasks(database.db, 'acme/shop', 6)
})
afterAll(() => database.close())

const rowsOf = async (table: string) => {
  const { rows } = await database.db.execute<{ n: number }>(
    sql`select count(*)::int as n from ${sql.identifier(table)}`,
  )
  return rows[0]?.n
}

test('a night keeps what was served, gives back what is over, and lets go of the rest', async () => {
  const { db } = database
  const done = await leased(db, { count: 2 })
  await completeLease(db, localCaller, done.id)
  const back = await leased(db, { count: 1 })
  await releaseLease(db, localCaller, back.id)
  await leased(db, { count: 1, filter: { language: ['go'] } })
  const late = await leased(db, { count: 2 })
  await letPass(db, late.id, 7200)
  const held = await leased(db, { count: 1 })
  await db.execute(sql`update task_leases set ended_at = ended_at - interval '2 days' where ended_at is not null`)
  await db.execute(sql`update lease_walks set used_at = used_at - interval '8 days'`)

  // The one that was given nothing goes sooner.
  expect(await cleanLeases(db, new Date(Date.now() - 3 * 86_400_000))).toBe(0)
  expect(await rowsOf('task_leases')).toBe(4)
  expect([await rowsOf('lease_walks'), await rowsOf('queued_tasks'), await rowsOf('returned_tasks')]).toEqual([0, 0, 0])
  expect(await rowsOf('walked_repositories')).toBe(0)
  expect(await rowsOf('leased_tasks')).toBe(6)
  expect(await cleanLeases(db, new Date(Date.now() - 86_400_000))).toBe(2)
  expect(await rowsOf('leased_tasks')).toBe(3)

  const given = namesOf(await leased(db, { count: 1000 }))
  expect(given).toHaveLength(3)
  for (const name of [...namesOf(done), ...namesOf(held)]) expect(given).not.toContain(name)
})
