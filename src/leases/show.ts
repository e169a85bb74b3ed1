import { and, asc, eq, sql } from 'drizzle-orm'
import { type Caller, realmOf } from '../access/index.ts'
import { asCaller } from '../db/as-caller.ts'
import type { Db } from '../db/connect.ts'
import { consumers, leasedTasks, taskLeases } from '../db/schema.ts'
import { findRows } from '../query/rows.ts'
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
  const found = await asCaller(db, caller, (tx) =>
    findRows(
      tx,
      rows.map(({ taskId }) => taskId),
      { statement: false, model: '' },
    ),
  )
  const tasks = new Map(found.map((task) => [task.id, task]))
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
