import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Database, openDatabase } from '../../src/db/connect.ts'
import { type Listener, listenOn } from '../../src/db/listen.ts'
import { makeLog } from '../../src/log.ts'
import { type StoppablePostgres, startPostgres } from '../stoppable-postgres.ts'

let postgres: StoppablePostgres
let database: Database
let listener: Listener

beforeAll(async () => {
  postgres = await startPostgres()
  database = await openDatabase({ databaseUrl: postgres.url, home: '/nonexistent', connections: 2 })
  listener = listenOn(database.settings, 'Some channel', makeLog('silent'))
  // The connection being there wakes everybody once.
  expect(await listener.heard('any', patience())).toBe(true)
})
afterAll(async () => {
  await listener.close()
  await database.close()
  await postgres.remove()
})

const notify = (payload: string) => database.db.execute(sql`select pg_notify('Some channel', ${payload})`)
const patience = () => AbortSignal.timeout(30_000)

test('who waits for a word hears it, and nobody else', async () => {
  const stop = new AbortController()
  const [first, second, other] = ['word', 'word', 'other'].map((word) =>
    listener.heard(word, AbortSignal.any([stop.signal, patience()])),
  )
  await notify('word')
  expect(await Promise.all([first, second])).toEqual([true, true])
  stop.abort()
  expect(await other).toBe(false)
})

test('a server that was away has everybody look again, and is listened to as before', async () => {
  const waiting = listener.heard('word', patience())
  await postgres.stop('immediate')
  await postgres.start()
  expect(await waiting).toBe(true)
  const next = listener.heard('word', patience())
  await notify('word')
  expect(await next).toBe(true)
})
