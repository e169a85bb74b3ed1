import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Database, openDatabase } from '../../src/db/connect.ts'
import { installations, jobsInHand } from '../../src/db/schema.ts'
import { makeLog } from '../../src/log.ts'
import { createQueue } from '../../src/queue/queue.ts'
import type { JobContext, Queue } from '../../src/queue/types.ts'
import { type StoppablePostgres, startPostgres } from '../stoppable-postgres.ts'

type Jobs = { dig: { hole: number } }

let postgres: StoppablePostgres
let database: Database
let queue: Queue<Jobs>

beforeEach(async () => {
  postgres = await startPostgres()
  database = await openDatabase({ databaseUrl: postgres.url, home: '/nonexistent', connections: 2 })
  queue = await createQueue<Jobs>(database, ['dig'], { log: makeLog('silent'), retry: { limit: 0, delaySeconds: 1 } })
})

afterEach(async () => {
  await queue.stop(0)
  await database.close()
  await postgres.remove()
})

const addDig = (hole: number) =>
  database.db.transaction((tx) => queue.add(tx, 'dig', { hole }, { key: `hole:${hole}` }))

test.each(['fast', 'immediate'] as const)(
  'a job that lost its database (%s) is given back, at the cost of no retry',
  async (mode) => {
    const attempts: JobContext[] = []
    const left = Promise.withResolvers<void>()
    await queue.work({
      async dig(_, context) {
        attempts.push(context)
        if (attempts.length > 1) return
        await postgres.stop(mode)
        left.resolve()
        await database.db.insert(installations).values({ id: 7, account: 'seven' })
      },
    })
    await addDig(1)
    await left.promise
    await postgres.start()
    // Its heartbeats alone would be missed after a minute.
    await expect.poll(() => attempts.length, { timeout: 20_000 }).toBe(2)
    await expect.poll(() => queue.counts(), { timeout: 10_000 }).toEqual(new Map())
    expect(await queue.dead()).toEqual([])
    expect(await database.db.$count(jobsInHand)).toBe(0)
  },
)

test('a queue whose database goes away as it is opened says so, and keeps nothing open', async () => {
  await postgres.stop('fast')
  const opening = createQueue<Jobs>(database, ['dig'], { log: makeLog('silent') })
  await expect(opening).rejects.toMatchObject({ name: 'Fault', kind: 'database-away' })
  await postgres.start()
})
