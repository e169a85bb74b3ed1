import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createToken, localCaller } from '../../src/access/index.ts'
import { completeLease, type Lease, lease, releaseLease, renewLease } from '../../src/leases/index.ts'
import { testDatabase } from '../postgres.ts'
import { addTasks, leased, letPass, namesOf } from './scene.ts'

let database: Awaited<ReturnType<typeof testDatabase>>
beforeAll(async () => {
  database = await testDatabase()
  for (let n = 1; n <= 12; n += 1) await addTasks(database.db, `acme/repo${n}`, 25)
})
afterAll(() => database.close())

const filters = [{}, { language: ['javascript'] }, { repository: ['acme/repo1', 'acme/repo2', 'acme/repo3'] }]

/** What one caller does with what it is given: by turns it keeps, gives back, completes, loses by time, or does some of that to parts. */
async function use({ id, tasks }: Lease, turn: number): Promise<void> {
  const { db } = database
  const half = tasks.slice(0, Math.ceil(tasks.length / 2)).map(({ task }) => task.name)
  if (half.length === 0) return
  if (turn % 5 === 0) await releaseLease(db, localCaller, id)
  if (turn % 5 === 1) await completeLease(db, localCaller, id)
  if (turn % 5 === 2) await letPass(db, id, 7200)
  if (turn % 5 === 3) await Promise.all([completeLease(db, localCaller, id, half), renewLease(db, localCaller, id)])
  if (turn % 5 === 4) {
    await releaseLease(db, localCaller, id, half)
    await completeLease(db, localCaller, id)
  }
}

test('thirty callers who lease, renew, complete, release and come late: nobody waits for ever, none twice, nothing lost', async () => {
  const { db } = database
  const caller = async (number: number) => {
    for (let turn = 0; turn < 8; turn += 1) {
      const filter = filters[(number + turn) % filters.length] ?? {}
      await use(await leased(db, { count: 1 + ((number * 7 + turn) % 9), filter }), number + turn)
    }
  }
  await Promise.all(Array.from({ length: 30 }, (_, number) => caller(number)))

  const { rows: twice } = await db.execute(sql`
    select t.name from leased_tasks t join task_leases l on l.id = t.lease_id
    where t.state = 'completed' or (t.state = 'leased' and l.expires_at > now()) group by t.name having count(*) > 1`)
  expect(twice).toEqual([])
  const { rows: gone } = await db.execute<{ name: string }>(sql`
    select distinct t.name from leased_tasks t join task_leases l on l.id = t.lease_id
    where t.state = 'completed' or (t.state = 'leased' and l.expires_at > now())`)
  const left = namesOf(await leased(db, { count: 1000 }))
  expect(left.length + gone.length).toBe(300)
  expect(new Set([...left, ...gone.map(({ name }) => name)]).size).toBe(300)
})

test('the same request with its key, sent ten times at once, is one lease', async () => {
  const { db } = database
  await createToken(db, { name: 'retrying', scopes: ['leases:write'], owners: null, expiresAt: null })
  const caller = { ...localCaller, tokenId: 1 }
  const request = { consumer: 'retrying', count: 5, ttlSeconds: 600, attempts: 1, filter: {}, againAfterSeconds: null }
  const answers = await Promise.all(Array.from({ length: 10 }, () => lease(db, caller, request, { key: 'one' })))
  expect(new Set(answers.map((answer) => ('lease' in answer ? answer.lease.id : answer.refused))).size).toBe(1)
  expect(answers.filter((answer) => 'again' in answer && !answer.again)).toHaveLength(1)
  expect(await lease(db, caller, { ...request, count: 6 }, { key: 'one' })).toEqual({ refused: 'key-used' })
  expect(namesOf(await leased(db, { consumer: 'retrying', count: 1000 }))).toHaveLength(295)
})
