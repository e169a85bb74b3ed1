import { sql } from 'drizzle-orm'
import { type Caller, realmOf } from '../access/index.ts'
import type { Tx } from '../db/connect.ts'

const LOCK = 7_101_005

/**
 * Whoever gives tasks to a consumer, or takes back what is over, is `alone` with it: what a walk then reads is complete, nothing left is nothing
 * left, and nobody else gives the same. Who completes, renews or releases what it has is `beside` others of its kind. The lock queues, so that
 * nobody waits for ever.
 */
export async function lockConsumer(tx: Tx, consumerId: number, how: 'beside' | 'alone'): Promise<void> {
  await tx.execute(
    how === 'alone'
      ? sql`select pg_advisory_xact_lock(${LOCK}::int, ${consumerId}::int)`
      : sql`select pg_advisory_xact_lock_shared(${LOCK}::int, ${consumerId}::int)`,
  )
}

/** The consumer of that name in the caller's realm, locked alone; made where it is new. */
export async function holdConsumer(tx: Tx, caller: Caller, name: string): Promise<number> {
  const realm = realmOf(caller)
  const lock = async () => {
    const { rows } = await tx.execute<{ id: string }>(sql`
      select id, pg_advisory_xact_lock(${LOCK}::int, id::int) from consumers where realm = ${realm} and name = ${name}`)
    return rows[0] === undefined ? null : Number(rows[0].id)
  }
  const known = await lock()
  if (known !== null) return known
  await tx.execute(sql`insert into consumers (realm, name) values (${realm}, ${name}) on conflict do nothing`)
  const made = await lock()
  if (made === null) throw new Error('a new consumer came back without its row')
  return made
}
