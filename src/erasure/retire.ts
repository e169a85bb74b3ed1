import { and, asc, ne } from 'drizzle-orm'
import type { Db, Tx } from '../db/connect.ts'
import { tellEvent } from '../db/publications.ts'
import { tasks } from '../db/schema.ts'
import { type RetirementReason, type Scope, tasksOf } from './scope.ts'

/**
 * Takes tasks out of the live set for good: each gets a place in the publication sequence, with the reason, so that a set as of an
 * earlier one stays what it was. Gives how many were live or quarantined; those that are retired already stay as they are.
 */
export async function retireTasks(
  db: Db,
  which: Scope | { readonly tasks: readonly number[] },
  reason: RetirementReason | 'later-reverted',
): Promise<number> {
  return db.transaction((tx) => retireIn(tx, which, reason))
}

/** The same as a part of more. The last of it: who publishes waits from here to the commit. */
export async function retireIn(
  tx: Tx,
  which: Scope | { readonly tasks: readonly number[] },
  reason: RetirementReason | 'later-reverted',
): Promise<number> {
  const rows = await tx
    .select({ id: tasks.id })
    .from(tasks)
    .where(and(tasksOf(which), ne(tasks.state, 'retired')))
    .orderBy(asc(tasks.id))
    .for('update')
  const ids = rows.map(({ id }) => id)
  await tellEvent(tx, ids, 'retired', reason)
  return ids.length
}
