import { sql } from 'drizzle-orm'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { reportError } from '../../src/apps/cli/report-error.ts'
import { isDatabaseAway } from '../../src/db/away.ts'
import { type Database, openDatabase } from '../../src/db/connect.ts'
import { type StoppablePostgres, startPostgres } from '../stoppable-postgres.ts'

let postgres: StoppablePostgres
let database: Database

beforeEach(async () => {
  postgres = await startPostgres()
  // One connection: one that is lost to the pool is found out at once.
  database = await openDatabase({ databaseUrl: postgres.url, home: '/nonexistent', connections: 1 })
})

afterEach(async () => {
  await database.close()
  await postgres.remove()
})

async function thrownBy(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => expect.fail('it did not fail'),
    (error: unknown) => error,
  )
}

async function answers(): Promise<void> {
  expect((await database.db.execute(sql`select 1 as one`)).rows).toEqual([{ one: 1 }])
}

test.each(['fast', 'immediate'] as const)(
  'a server that stops (%s) within a transaction ends that, and nothing else',
  async (mode) => {
    const broken = database.db.transaction(async (tx) => {
      await tx.execute(sql`select 1`)
      await postgres.stop(mode)
      await tx.execute(sql`select 1`)
    })
    expect(isDatabaseAway(await thrownBy(broken))).toBe(true)
    expect(isDatabaseAway(await thrownBy(database.db.execute(sql`select 1`)))).toBe(true)
    expect(isDatabaseAway(await thrownBy(database.db.transaction(async () => undefined)))).toBe(true)
    // What ends a command, ends it in words.
    expect(reportError(await thrownBy(database.db.execute(sql`select 1`)))).toMatchObject({
      exitCode: 1,
      lines: [expect.stringMatching(/^fault \(database-away\): .*ECONNREFUSED/), expect.stringMatching(/^mend: /)],
    })
    await postgres.start()
    await answers()
  },
)

test('a transaction that could not begin costs the pool no connection', async () => {
  const { rows } = await database.db.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`)
  const pid = rows[0]?.pid ?? expect.fail()
  process.kill(pid, 'SIGSTOP')
  const beginning = thrownBy(database.db.transaction(async () => undefined))
  process.kill(pid, 'SIGKILL')
  expect(isDatabaseAway(await beginning)).toBe(true)
  // The others of a killed backend go down with it, and come back by themselves.
  await expect.poll(() => answers().then(() => 'answers', String), { timeout: 20_000 }).toBe('answers')
})

test('what the server refuses is no absence of it', async () => {
  expect(isDatabaseAway(await thrownBy(database.db.execute(sql`select 1 / 0`)))).toBe(false)
  expect(isDatabaseAway(await thrownBy(database.db.execute(sql`select * from nothing`)))).toBe(false)
  expect(isDatabaseAway(new Error('something else'))).toBe(false)
})
