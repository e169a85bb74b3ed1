import { sql } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { installations, jobsInHand, workers } from '../../src/db/schema.ts'
import { UserError } from '../../src/errors.ts'
import { makeLog } from '../../src/log.ts'
import { createQueue } from '../../src/queue/queue.ts'
import { DEAD } from '../../src/queue/queues.ts'
import type { Queue } from '../../src/queue/types.ts'
import { testDatabase } from '../postgres.ts'
import { node, startProgram } from '../program.ts'

type Jobs = { dig: { hole: number }; fill: { hole: number } }

let database: Awaited<ReturnType<typeof testDatabase>>
const queues: Queue<Jobs>[] = []

async function openQueue(retryLimit = 0): Promise<Queue<Jobs>> {
  const retry = { limit: retryLimit, delaySeconds: 1 }
  const queue = await createQueue<Jobs>(database, ['dig', 'fill'], { log: makeLog('silent'), retry, connections: 2 })
  queues.push(queue)
  return queue
}

function addDig(queue: Queue<Jobs>, hole: number, priority = 0): Promise<boolean> {
  return database.db.transaction((tx) => queue.add(tx, 'dig', { hole }, { key: `hole:${hole}`, priority }))
}

const WORKER = new URL('programs/worker.ts', import.meta.url)
const CRASHING = new URL('programs/crash-around-commit.ts', import.meta.url)

beforeEach(async () => {
  database = await testDatabase()
})

afterEach(async () => {
  await Promise.all(queues.splice(0).map((queue) => queue.stop(0)))
  await database.close()
})

describe('a job', () => {
  test('starts the moment the transaction that adds it commits, and may add the next', async () => {
    const queue = await openQueue()
    const filled = Promise.withResolvers<number>()
    await queue.work({
      dig: async ({ hole }) => {
        await database.db.transaction((tx) => queue.add(tx, 'fill', { hole }, { key: `hole:${hole}` }))
      },
      fill: async ({ hole }) => filled.resolve(hole),
    })
    const before = performance.now()
    await addDig(queue, 3)
    expect(await filled.promise).toBe(3)
    // Polling alone takes two seconds for each of the two.
    expect(performance.now() - before).toBeLessThan(1900)
    await expect.poll(() => queue.counts()).toEqual(new Map())
  })

  test('is not there if its transaction does not commit', async () => {
    const queue = await openQueue()
    const failing = database.db.transaction(async (tx) => {
      await queue.add(tx, 'dig', { hole: 1 }, { key: 'hole:1' })
      throw new Error('on second thoughts')
    })
    await expect(failing).rejects.toThrow('on second thoughts')
    expect(await queue.counts()).toEqual(new Map())
  })

  test('and the row that causes it are both there or neither, wherever the process is killed', async () => {
    for (const [moment, there] of [
      ['before', 0],
      ['after', 1],
    ] as const) {
      const crashing = startProgram(node(CRASHING, database.url, moment))
      expect(await crashing.finish()).toBeNull()
      const queue = await openQueue()
      expect((await queue.counts()).get('dig')?.queued ?? 0).toBe(there)
      expect(await database.db.$count(installations)).toBe(1 + there)
    }
  })

  test('of one key exists once while it is queued or running, and again when it is done', async () => {
    const queue = await openQueue()
    expect(await addDig(queue, 1)).toBe(true)
    expect(await addDig(queue, 1)).toBe(false)
    expect(await addDig(queue, 2)).toBe(true)
    await queue.work({ dig: async () => undefined })
    await expect.poll(() => queue.counts()).toEqual(new Map())
    expect(await addDig(queue, 1)).toBe(true)
  })

  test('of a higher priority goes first, and a backlog goes without waiting for polls', async () => {
    const queue = await openQueue()
    const before = performance.now()
    for (const [hole, priority] of [
      [1, 0],
      [2, 5],
      [3, 9],
    ] as const)
      await addDig(queue, hole, priority)
    const order: number[] = []
    await queue.work({ dig: async ({ hole }) => void order.push(hole) })
    await expect.poll(() => order, { timeout: 10_000, interval: 10 }).toEqual([3, 2, 1])
    expect(performance.now() - before).toBeLessThan(1900)
  })

  test('that fails is tried again, then parked, listed, and put back', async () => {
    const queue = await openQueue(1)
    const attempts: [number, boolean][] = []
    let broken = true
    await queue.work({
      dig: async (_, { attempt, lastAttempt }) => {
        attempts.push([attempt, lastAttempt])
        if (broken) throw new Error('the spade broke')
      },
    })
    await addDig(queue, 1)
    await expect.poll(() => queue.dead(), { timeout: 15_000 }).toHaveLength(1)
    expect(attempts).toEqual([
      [1, false],
      [2, true],
    ])
    const [dead] = await queue.dead()
    expect(dead).toMatchObject({ name: 'dig', key: 'hole:1', data: { hole: 1 }, error: 'the spade broke' })
    broken = false
    await queue.retry(dead?.id ?? '')
    expect(await queue.dead()).toEqual([])
    await expect.poll(() => attempts.length, { timeout: 10_000 }).toBe(3)
    await expect.poll(() => queue.counts()).toEqual(new Map())
    await expect(queue.retry(dead?.id ?? '')).rejects.toBeInstanceOf(UserError)
    await expect(queue.retry('no such id')).rejects.toBeInstanceOf(UserError)
  })

  test('is listed among however many that are parked', async () => {
    const queue = await openQueue()
    await database.db.execute(
      sql`insert into pgboss.job (name, data) select ${DEAD}, '{"hole": 1}' from generate_series(1, 2001)`,
    )
    expect(new Set((await queue.dead()).map(({ id }) => id)).size).toBe(2001)
  })
})

describe('a worker', () => {
  test('that was killed loses its jobs to the next one at once, without a retry used up', async () => {
    const queue = await openQueue()
    await addDig(queue, 1)
    for (let kills = 0; kills < 4; kills += 1) {
      const killed = startProgram(node(WORKER, database.url))
      await killed.heard('digs')
      await killed.kill()
    }
    const before = performance.now()
    const dug = Promise.withResolvers<void>()
    await queue.work({ dig: async () => dug.resolve() })
    await dug.promise
    expect(performance.now() - before).toBeLessThan(1900)
    expect(await queue.dead()).toEqual([])
  })

  test('that was killed loses its jobs to one that works already', async () => {
    const queue = await openQueue()
    const dug: number[] = []
    const killed = startProgram(node(WORKER, database.url))
    await killed.heard('works')
    await addDig(queue, 1)
    await killed.heard('digs')
    await queue.work({ dig: async ({ hole }) => void dug.push(hole) })
    await addDig(queue, 2)
    await expect.poll(() => dug).toEqual([2])
    await killed.kill()
    await expect.poll(() => dug, { timeout: 10_000 }).toEqual([2, 1])
    expect(await database.db.$count(workers)).toBe(1)
  })

  test('that died between taking a job and noting it loses that one as well', async () => {
    const queue = await openQueue()
    await addDig(queue, 1)
    const killed = startProgram(node(WORKER, database.url))
    await killed.heard('digs')
    await killed.kill()
    await database.db.delete(jobsInHand)
    const dug = Promise.withResolvers<number>()
    await queue.work({ dig: async ({ hole }) => dug.resolve(hole) })
    expect(await dug.promise).toBe(1)
  })

  test('that stops waits for what runs', async () => {
    const queue = await openQueue()
    const started = Promise.withResolvers<void>()
    const finish = Promise.withResolvers<void>()
    await queue.work({
      dig: async () => {
        started.resolve()
        await finish.promise
      },
    })
    await addDig(queue, 1)
    await started.promise
    const stopped = queue.stop()
    finish.resolve()
    await stopped
    const next = await openQueue()
    expect(await next.counts()).toEqual(new Map())
    expect(await database.db.$count(workers)).toBe(0)
  })

  test('that stops out of patience gives back what runs, to be taken at once', async () => {
    const queue = await openQueue()
    const started = Promise.withResolvers<void>()
    await queue.work({
      dig: async (_, { signal }) => {
        started.resolve()
        await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      },
    })
    await addDig(queue, 1)
    await started.promise
    await queue.stop(0.05)
    const next = await openQueue()
    const attempts = Promise.withResolvers<{ attempt: number; lastAttempt: boolean }>()
    const before = performance.now()
    await next.work({ dig: async (_, context) => attempts.resolve(context) })
    expect(await attempts.promise).toMatchObject({ attempt: 2, lastAttempt: true })
    expect(performance.now() - before).toBeLessThan(1900)
  })
})
