import { eq, sql } from 'drizzle-orm'
import type { Caller } from '../access/index.ts'
import type { Db, Tx } from '../db/connect.ts'
import { consumers, leasedTasks, taskLeases } from '../db/schema.ts'
import { lockConsumer } from './consumer.ts'
import { endWhereNothingIsOut, giveBack } from './give-back.ts'
import { ownLease, showLease } from './show.ts'
import type { Lease, LeaseRefusal } from './types.ts'

export type ChangedLease = { readonly lease: Lease } | LeaseRefusal

/** Has a lease that is open end later (or sooner): so many seconds from now, by default as many as it was made for. */
export async function renewLease(
  db: Db,
  caller: Caller,
  id: string,
  ttlSeconds: number | null = null,
): Promise<ChangedLease> {
  const changed = await change(db, caller, id, async (tx, lease) => {
    if (lease.over !== null) return { refused: lease.over, at: lease.at }
    await tx
      .update(taskLeases)
      .set({
        ...(ttlSeconds === null ? {} : { ttlSeconds }),
        expiresAt: sql`clock_timestamp() + make_interval(secs => ${ttlSeconds ?? lease.ttlSeconds})`,
      })
      .where(eq(taskLeases.id, lease.id))
    return null
  })
  return changed
}

/** Gives tasks back, all that are out or those that are named: they are as if they had never been served. What is not out any more stays as it is. */
export function releaseLease(
  db: Db,
  caller: Caller,
  id: string,
  names: readonly string[] | null = null,
): Promise<ChangedLease> {
  return change(db, caller, id, async (tx, lease) => {
    const chosen = await chosenTasks(tx, lease.id, names, 'completed')
    if ('refused' in chosen) return chosen
    const which = { consumerId: lease.consumerId, leases: [lease.id] }
    if (lease.over === 'expired') await giveBack(tx, which, 'expired')
    else await giveBack(tx, { ...which, tasks: chosen.tasks }, 'released')
    return null
  })
}

/** Marks tasks as served, all that are out or those that are named: their consumer is not given them again. */
export function completeLease(
  db: Db,
  caller: Caller,
  id: string,
  names: readonly string[] | null = null,
): Promise<ChangedLease> {
  return change(db, caller, id, async (tx, lease) => {
    if (lease.over === 'expired') return { refused: 'expired', at: lease.at }
    const chosen = await chosenTasks(tx, lease.id, names, 'released')
    if ('refused' in chosen) return chosen
    await tx.execute(sql`
      with done as (
        update leased_tasks set state = 'completed'
        where lease_id = ${lease.id} and state = 'leased' and task_id = any(${sql.param([...chosen.tasks])}::bigint[])
        returning name)
      update served_tasks set lease_id = null, served_at = clock_timestamp()
      where consumer_id = ${lease.consumerId} and name = any(array(select name from done)) and lease_id = ${lease.id}`)
    await endWhereNothingIsOut(tx, [lease.id])
    return null
  })
}

interface HeldLease {
  readonly id: string
  readonly consumerId: number
  readonly ttlSeconds: number
  /** Null: it is open. */
  readonly over: 'expired' | 'ended' | null
  /** When that was. */
  readonly at: Date
}

async function change(
  db: Db,
  caller: Caller,
  id: string,
  work: (tx: Tx, lease: HeldLease) => Promise<LeaseRefusal | null>,
): Promise<ChangedLease> {
  const refusal = await db.transaction(async (tx) => {
    const [known] = await tx
      .select({ id: taskLeases.id, consumerId: taskLeases.consumerId })
      .from(taskLeases)
      .innerJoin(consumers, eq(consumers.id, taskLeases.consumerId))
      .where(ownLease(caller, id))
    if (known === undefined) return { refused: 'unknown-lease' as const }
    // Before the row, as all do: whoever takes back expired leases holds it alone.
    await lockConsumer(tx, known.consumerId, 'beside')
    return work(tx, await holdLease(tx, known.id))
  })
  if (refusal !== null) return refusal
  const lease = await showLease(db, caller, id)
  return lease === null ? { refused: 'unknown-lease' } : { lease }
}

async function holdLease(tx: Tx, id: string): Promise<HeldLease> {
  const [row] = await tx
    .select({
      lease: taskLeases,
      late: sql<boolean>`expires_at <= clock_timestamp()`,
      expired: sql<boolean>`exists (select 1 from ${leasedTasks} where lease_id = ${id} and state = 'expired')`,
    })
    .from(taskLeases)
    .where(eq(taskLeases.id, id))
    .for('update')
  if (row === undefined) throw new Error(`the lease ${id} is gone`)
  const { consumerId, ttlSeconds, endedAt, expiresAt } = row.lease
  const over = row.expired || (endedAt === null && row.late) ? 'expired' : endedAt === null ? null : 'ended'
  return { id, consumerId, ttlSeconds, over, at: over === 'ended' ? (endedAt ?? expiresAt) : expiresAt }
}

/** The rows of the named tasks (`name` or `name@revision`); of all where none are named. One that was `settled` otherwise is refused by name. */
async function chosenTasks(
  tx: Tx,
  leaseId: string,
  names: readonly string[] | null,
  settled: 'completed' | 'released',
): Promise<{ readonly tasks: readonly number[] } | LeaseRefusal> {
  const rows = await tx
    .select({
      id: leasedTasks.taskId,
      state: leasedTasks.state,
      name: leasedTasks.name,
      full: sql<string>`${leasedTasks.name} || '@' || (select revision from tasks where id = ${leasedTasks.taskId})`,
    })
    .from(leasedTasks)
    .where(eq(leasedTasks.leaseId, leaseId))
  if (names === null) return { tasks: rows.map(({ id }) => id) }
  const known = new Map(rows.flatMap((row) => [[row.name, row] as const, [row.full, row] as const]))
  const chosen: number[] = []
  for (const [place, name] of names.entries()) {
    const row = known.get(name)
    if (row === undefined) return { refused: 'not-in-lease', place, name }
    if (row.state === settled) return { refused: 'settled', place, name, state: row.state }
    chosen.push(row.id)
  }
  return { tasks: chosen }
}
