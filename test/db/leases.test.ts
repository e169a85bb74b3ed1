import { setTimeout as delay } from 'node:timers/promises'
import { eq, sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Db } from '../../src/db/connect.ts'
import { withLease } from '../../src/db/leases.ts'
import { thisProcess } from '../../src/db/process-identity.ts'
import { leases } from '../../src/db/schema.ts'
import { Fault } from '../../src/errors.ts'
import { testDatabase } from '../postgres.ts'
import { node, startProgram } from '../program.ts'

let database: Awaited<ReturnType<typeof testDatabase>>

beforeAll(async () => {
  database = await testDatabase()
})

afterAll(() => database.close())

/** As a process of another machine would hold it. */
function holdElsewhere(name: string, seconds: number) {
  const expiresAt = sql`now() + make_interval(secs => ${seconds})`
  return database.db.insert(leases).values({ name, token: 0, host: 'elsewhere', pid: 1, processStart: '1', expiresAt })
}

describe('a lease', () => {
  test('has one holder at a time, and a larger token each time', async () => {
    let holders = 0
    const tokens: number[] = []
    const hold = () =>
      withLease(database.db, 'mirror', async (lease) => {
        holders += 1
        expect(holders).toBe(1)
        tokens.push(lease.token)
        await delay(5)
        holders -= 1
      })
    await Promise.all([hold(), hold(), hold(), hold()])
    expect(tokens).toHaveLength(4)
    expect(tokens).toEqual(tokens.toSorted((a, b) => a - b))
    expect(new Set(tokens).size).toBe(4)
    expect(await database.db.$count(leases)).toBe(0)
  })

  test('has a larger token than one that came and went while it was being taken', async () => {
    const drawn = async (tx: Pick<Db, 'execute'>) =>
      Number((await tx.execute<{ token: string }>(sql`select nextval('lease_tokens') as token`)).rows[0]?.token)
    const { promise: isThere, resolve: comes } = Promise.withResolvers<void>()
    let later = Number.NaN
    const other = database.db.transaction(async (tx) => {
      const values = { name: 'mirror', ...thisProcess(), expiresAt: sql<Date>`now()` }
      await tx.insert(leases).values({ ...values, token: await drawn(tx) })
      comes()
      // By then the one below waits for this row, with a token of its own.
      await delay(200)
      later = await drawn(tx)
      await tx.delete(leases)
    })
    await isThere
    const token = await withLease(database.db, 'mirror', async (lease) => lease.token)
    await other
    expect(token).toBeGreaterThan(later)
  })

  test('is taken over at once from a process of this machine that was killed', async () => {
    const program = startProgram(node(new URL('programs/hold-lease.ts', import.meta.url), database.url, 'build'))
    const killedToken = Number(await program.heard('holds'))
    await program.kill()
    const before = performance.now()
    const token = await withLease(database.db, 'build', async (lease) => lease.token)
    expect(performance.now() - before).toBeLessThan(1500)
    expect(token).toBeGreaterThan(killedToken)
  })

  test('of another machine is taken over when it expires', async () => {
    await holdElsewhere('far', 0.3)
    const before = performance.now()
    await withLease(database.db, 'far', async () => undefined)
    expect(performance.now() - before).toBeGreaterThan(250)
  })

  test('is waited for only as long as the caller likes', async () => {
    await holdElsewhere('long', 60)
    const waiting = withLease(database.db, 'long', async () => undefined, { signal: AbortSignal.timeout(100) })
    await expect(waiting).rejects.toMatchObject({ name: expect.stringMatching(/TimeoutError|AbortError/) })
  })

  test('is renewed while it is held', async () => {
    await withLease(database.db, 'kept', () => delay(1500), { seconds: 0.6 })
    const rows = await withLease(
      database.db,
      'kept',
      async () => {
        const [first] = await database.db.select().from(leases).where(eq(leases.name, 'kept'))
        await expect
          .poll(async () =>
            (await database.db.select().from(leases).where(eq(leases.name, 'kept')))[0]?.expiresAt.getTime(),
          )
          .toBeGreaterThan(first?.expiresAt.getTime() ?? 0)
        return database.db.select().from(leases).where(eq(leases.name, 'kept'))
      },
      { seconds: 0.6 },
    )
    expect(rows).toHaveLength(1)
  })

  test('that was lost says so, and keeps late writes out', async () => {
    await withLease(
      database.db,
      'lost',
      async (lease) => {
        await database.db.transaction((tx) => lease.assertHeld(tx))
        await database.db
          .update(leases)
          .set({ token: lease.token + 1 })
          .where(eq(leases.name, 'lost'))
        await expect(database.db.transaction((tx) => lease.assertHeld(tx))).rejects.toMatchObject({
          kind: 'lease-lost',
        })
        await expect.poll(() => lease.signal.aborted).toBe(true)
        expect(lease.signal.reason).toBeInstanceOf(Fault)
      },
      { seconds: 0.3 },
    )
    expect(await database.db.select().from(leases).where(eq(leases.name, 'lost'))).toHaveLength(1)
  })
})
