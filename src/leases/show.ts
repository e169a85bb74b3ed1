import { and, asc, eq, sql } from 'drizzle-orm'
import { type Caller, realmOf } from '../access/index.ts'
import { asCaller } from '../db/as-caller.ts'
import type { Db } from '../db/connect.ts'
import { consumers, leasedTasks, taskLeases } from '../db/schema.ts'
import { findRows } from '../query/rows.ts'
import type { FoundTask } from '../query/types.ts'
import type { OpenedLease } from './open.ts'
import type { Lease } from './types.ts'

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Leases of the caller's realm; who sees every account sees those of all. */
export function ownLease(caller: Caller, id: string) {
  if (!uuid.test(id)) return sql`false`
  return and(eq(taskLeases.id, id), caller.owners === null ? undefined : eq(consumers.realm, realmOf(caller)))
}

/** The lease of that id as it is now; null where there is none for this caller. */
export async function showLease(db: Db, caller: Caller, id: string): Promise<Lease | null> {
  const [row] = await db
    .select({ lease: taskLeases, consumer: consumers.name, over: sql<boolean>`expires_at <= clock_timestamp()` })
    .from(taskLeases)
    .innerJoin(consumers, eq(consumers.id, taskLeases.consumerId))
    .where(ownLease(caller, id))
  if (row === undefined) return null
  const rows = await db
    .select()
    .from(leasedTasks)
    .where(eq(leasedTasks.leaseId, row.lease.id))
    .orderBy(asc(leasedTasks.position))
  const tasks = await tasksOf(
    db,
    caller,
    rows.map(({ taskId }) => taskId),
  )
  const over = row.lease.endedAt === null && row.over
  return {
    id: row.lease.id,
    consumer: row.consumer,
    attempts: row.lease.attempts,
    state:
      over || rows.some(({ state }) => state === 'expired') ? 'expired' : row.lease.endedAt === null ? 'open' : 'ended',
    createdAt: row.lease.createdAt,
    expiresAt: row.lease.expiresAt,
    tasks: rows.flatMap(({ taskId, state }) => {
      const task = tasks.get(taskId)
      return task === undefined ? [] : [{ task, state: over && state === 'leased' ? 'expired' : state }]
    }),
  }
}

/** Leases that were made just now, and whose time is not over yet. */
export async function showGiven(db: Db, caller: Caller, given: readonly OpenedLease[]): Promise<Lease[]> {
  const tasks = await tasksOf(
    db,
    caller,
    given.flatMap((lease) => lease.tasks),
  )
  return given.map(({ count, tasks: ids, ...lease }) => ({
    ...lease,
    state: ids.length === 0 ? 'ended' : 'open',
    tasks: ids.flatMap((id) => {
      const task = tasks.get(id)
      return task === undefined ? [] : [{ task, state: 'leased' }]
    }),
  }))
}

/** As the caller sees them. */
async function tasksOf(db: Db, caller: Caller, ids: readonly number[]): Promise<ReadonlyMap<number, FoundTask>> {
  const found =
    ids.length === 0 ? [] : await asCaller(db, caller, (tx) => findRows(tx, ids, { statement: false, model: '' }))
  return new Map(found.map((task) => [task.id, task]))
}
