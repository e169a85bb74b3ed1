import { and, eq, sql } from 'drizzle-orm'
import { type Caller, realmOf } from '../access/index.ts'
import type { Db, Tx } from '../db/connect.ts'
import { consumers } from '../db/schema.ts'

/** The consumer of that name in the caller's realm; made where it is new. */
export async function consumerOf(db: Db, caller: Caller, name: string): Promise<number> {
  const realm = realmOf(caller)
  const which = and(eq(consumers.realm, realm), eq(consumers.name, name))
  const find = () => db.select({ id: consumers.id }).from(consumers).where(which)
  const [known] = await find()
  if (known !== undefined) return known.id
  await db.insert(consumers).values({ realm, name }).onConflictDoNothing()
  const [made] = await find()
  if (made === undefined) throw new Error('a new consumer came back without its row')
  return made.id
}

const LOCK = 7_101_005

/**
 * Whoever gives out or takes back a consumer's tasks is `beside` others of its kind. `alone` waits until all of these have committed: what a
 * walk then reads is complete, and nothing left is nothing left. The lock queues, so that nobody waits for ever.
 */
export async function lockConsumer(tx: Tx, consumerId: number, how: 'beside' | 'alone'): Promise<void> {
  await tx.execute(
    how === 'alone'
      ? sql`select pg_advisory_xact_lock(${LOCK}::int, ${consumerId}::int)`
      : sql`select pg_advisory_xact_lock_shared(${LOCK}::int, ${consumerId}::int)`,
  )
}

/** How many wait for a consumer's lock: what fills its queue fills it for them, too. */
export async function waitingFor(tx: Tx, consumerId: number): Promise<number> {
  const { rows } = await tx.execute<{ count: number }>(sql`
    select count(*)::int from pg_locks where locktype = 'advisory' and not granted and objsubid = 2
      and database = (select oid from pg_database where datname = current_database())
      and classid = ${LOCK}::int::oid and objid = ${consumerId}::int::oid`)
  return rows[0]?.count ?? 0
}
