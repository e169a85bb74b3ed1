import { desc, sql } from 'drizzle-orm'
import type pg from 'pg'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Caller, createToken, localCaller } from '../../src/access/index.ts'
import { openClient } from '../../src/db/client.ts'
import { openDatabase } from '../../src/db/connect.ts'
import { servings, taskLeases } from '../../src/db/schema.ts'
import { type LeaseRequest, lease } from '../../src/leases/index.ts'
import { testDatabase } from '../postgres.ts'
import { addTasks, leased, namesOf } from './scene.ts'

let database: Awaited<ReturnType<typeof testDatabase>>
let caller: Caller
beforeEach(async () => {
  database = await testDatabase()
  for (let n = 1; n <= 4; n += 1) await addTasks(database.db, `acme/repo${n}`, 25)
  await createToken(database.db, { name: 'trainer', scopes: ['leases:write'], owners: null, expiresAt: null })
  caller = { ...localCaller, tokenId: 1 }
})
afterEach(() => database.close())

const request: LeaseRequest = {
  ...{ consumer: 'fresh', count: 5, ttlSeconds: 600, attempts: 1 },
  ...{ filter: {}, againAfterSeconds: null },
}

describe('callers who come together', () => {
  test('are answered by themselves: who fails takes along nobody', async () => {
    const { db } = database
    const nobody = { ...localCaller, tokenId: 404 }
    const answers = await Promise.allSettled([caller, nobody, caller, nobody].map((each) => lease(db, each, request)))
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected'])
    expect(namesOf(await leased(db, { count: 1000 }))).toHaveLength(90)
  })

  test('are refused a key that came with another request, and no other is', async () => {
    const { db } = database
    const sent = [
      lease(db, caller, request, { key: 'one' }),
      lease(db, caller, { ...request, attempts: 2 }, { key: 'one' }),
      lease(db, caller, request, { key: 'two' }),
      lease(db, caller, request, { key: 'one' }),
    ]
    const [first, refused, second, again] = await Promise.all(sent)
    expect(refused).toEqual({ refused: 'key-used' })
    expect(again).toEqual({ ...first, again: true })
    expect(second).toMatchObject({ again: false, lease: { tasks: { length: 5 } } })
    expect(namesOf(await leased(db, { count: 1000 }))).toHaveLength(90)
  })

  test('and of whom each wants another number are given so many, the first before the last', async () => {
    const { db } = database
    const counts = [1, 60, 7, 30, 20]
    const answers = await Promise.all(counts.map((count) => leased(db, { count })))
    expect(answers.map(({ tasks }) => tasks.length)).toEqual([1, 60, 7, 30, 2])
    expect(new Set(answers.flatMap(namesOf)).size).toBe(100)
  })

  test('from two servers, with filters that overlap, are given none twice and leave none', async () => {
    const other = await openDatabase({ databaseUrl: database.url, home: '/nonexistent', connections: 6 })
    try {
      const filters = [{}, { language: ['javascript'] }, { repository: ['acme/repo1', 'acme/repo3'] }]
      const sent = Array.from({ length: 60 }, (_, n) =>
        leased(n % 2 === 0 ? database.db : other.db, { count: 3, filter: filters[n % 3] ?? {} }),
      )
      const given = (await Promise.all(sent)).flatMap(namesOf)
      expect(given).toHaveLength(100)
      expect(new Set(given).size).toBe(100)
    } finally {
      await other.close()
    }
  })
})

/** Waits until somebody waits for a lock, and ends the connection that does. */
async function endWhoWaits(): Promise<void> {
  await vi.waitFor(
    async () => {
      const { rows } = await database.db.execute(sql`
        select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock' and pid <> pg_backend_pid()`)
      expect(rows).toHaveLength(1)
    },
    { timeout: 10_000, interval: 5 },
  )
}

async function holding(statement: string, work: () => Promise<void>): Promise<void> {
  const client: pg.Client = await openClient({ connectionString: database.url })
  try {
    await client.query('begin')
    await client.query(statement)
    await work()
  } finally {
    await client.end()
  }
}

test.each(['consumers', 'task_leases', 'lease_walks', 'queued_tasks', 'served_tasks', 'leased_tasks', 'servings'])(
  'a server that is killed before it could write %s has leased nothing, and lost nothing',
  async (table) => {
    const { db } = database
    await holding(`lock table ${table} in exclusive mode`, async () => {
      const sent = [lease(db, caller, request, { key: 'killed' }), lease(db, caller, request)]
      const ends = Promise.allSettled(sent)
      await endWhoWaits()
      expect((await ends).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    })
    expect(await db.select().from(taskLeases)).toEqual([])
    expect(await lease(db, caller, request, { key: 'killed' })).toMatchObject({ again: false })
    expect(namesOf(await leased(db, { count: 1000 }))).toHaveLength(95)
  },
)

describe('the audit trail', () => {
  test('has a lease as soon as it is made, and again when it is told again', async () => {
    const { db } = database
    await lease(db, caller, request)
    const keyed = { ...request, filter: { language: ['javascript'] } }
    await Promise.all([1, 2].map(() => lease(db, caller, keyed, { key: 'retry' })))
    // The command line leaves no trail.
    await leased(db)
    const rows = await db.select().from(servings).orderBy(desc(servings.id))
    const { filter } = keyed
    expect(rows).toMatchObject([
      { what: 'lease', tokenId: 1, tasks: 5, detail: { consumer: 'fresh', filter, again: true } },
      { what: 'lease', tokenId: 1, tasks: 5, detail: { consumer: 'fresh', filter, again: false } },
      { what: 'lease', tokenId: 1, tasks: 5, detail: { consumer: 'fresh', filter: {}, again: false } },
    ])
    expect(rows[0]?.detail).toMatchObject({ lease: rows[1]?.detail.lease })
  })

  test('that can not be written is a lease that is not made', async () => {
    const { db } = database
    await db.execute(sql`alter table servings add constraint nothing check (tasks < 0)`)
    await expect(lease(db, caller, request)).rejects.toThrow()
    expect(await db.select().from(taskLeases)).toEqual([])
    await db.execute(sql`alter table servings drop constraint nothing`)
    expect(namesOf(await leased(db, { count: 1000 }))).toHaveLength(100)
  })
})
