import { and, asc, eq, isNull, notExists, sql } from 'drizzle-orm'
import type { Db, Executor } from '../db/connect.ts'
import { erasures, forgottenOn, machines } from '../db/schema.ts'
import type { ErasureRow } from './erase.ts'

/** Makes a machine known, and notes that it is there. */
export async function noteMachine(db: Db, id: string, host: string): Promise<void> {
  await db
    .insert(machines)
    .values({ id, host })
    .onConflictDoUpdate({ target: machines.id, set: { host, seenAt: sql`now()` } })
}

/** What a machine's disk still holds of what was erased, oldest first; lifted ones too: what was erased stays so. */
export async function pendingErasures(db: Executor, machineId: string): Promise<ErasureRow[]> {
  const done = db
    .select({ one: sql`1` })
    .from(forgottenOn)
    .where(and(eq(forgottenOn.erasureId, erasures.id), eq(forgottenOn.machineId, machineId)))
  return db.select().from(erasures).where(notExists(done)).orderBy(asc(erasures.id))
}

export async function noteForgotten(db: Db, machineId: string, erasureId: number): Promise<void> {
  await db.insert(forgottenOn).values({ machineId, erasureId }).onConflictDoNothing()
}

export interface WaitingMachine {
  readonly id: string
  readonly host: string
  readonly seenAt: Date
}

/** Machines that have not yet forgotten something: none is what makes an erasure complete. */
export async function machinesThatOwe(db: Executor, erasureId: number): Promise<WaitingMachine[]> {
  return db
    .select({ id: machines.id, host: machines.host, seenAt: machines.seenAt })
    .from(machines)
    .leftJoin(forgottenOn, and(eq(forgottenOn.machineId, machines.id), eq(forgottenOn.erasureId, erasureId)))
    .where(isNull(forgottenOn.machineId))
    .orderBy(asc(machines.seenAt))
}
