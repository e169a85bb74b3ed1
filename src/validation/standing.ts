import { and, asc, eq, inArray, isNull, sql } from 'drizzle-orm'
import type { Db } from '../db/connect.ts'
import { tellEvent } from '../db/publications.ts'
import { environments, tasks } from '../db/schema.ts'
import type { LostReason, ValidatedAgain } from './again.ts'

/** Names (`name@revision`) of the live and quarantined tasks of a system (`environments.root`) whose lists were looked at longest ago. */
export async function stalestTasks(db: Db, root: string, limit: number): Promise<string[]> {
  const rows = await db
    .select({ name: tasks.name, revision: tasks.revision })
    .from(tasks)
    .innerJoin(environments, eq(environments.id, tasks.environmentId))
    .where(and(inArray(tasks.state, ['live', 'quarantined']), isNull(tasks.erasedAt), eq(environments.root, root)))
    .orderBy(asc(tasks.validatedAt), asc(tasks.id))
    .limit(limit)
  return rows.map(({ name, revision }) => `${name}@${revision}`)
}

export type Standing = 'holds' | 'quarantined' | 'released'

/** Whoever was told that a task is flaky is not told otherwise by one run that went well. */
const final: LostReason = 'flaky'

/**
 * Notes that a task was validated again. A live one that no longer holds is quarantined, with the reason in the publication sequence; one that
 * a validation quarantined and that holds again is published once more, unless it was flaky. Nothing happens to a retired one.
 */
export async function settleValidation(db: Db, taskId: number, { lost }: ValidatedAgain): Promise<Standing> {
  return db.transaction(async (tx) => {
    const [task] = await tx
      .update(tasks)
      .set({ validatedAt: sql`now()` })
      .where(and(eq(tasks.id, taskId), isNull(tasks.erasedAt)))
      .returning({ state: tasks.state })
    if (task?.state === 'live' && lost !== null) {
      await tellEvent(tx, [taskId], 'quarantined', lost)
      return 'quarantined'
    }
    if (task?.state !== 'quarantined') return 'holds'
    const {
      rows: [last],
    } = await tx.execute<{ detail: string | null }>(
      sql`select detail from publications where task_id = ${taskId} order by sequence desc limit 1`,
    )
    const isOurs = last?.detail === 'fail-to-pass-lost' || last?.detail === 'pass-to-pass-lost'
    if (lost === null && isOurs) {
      await tellEvent(tx, [taskId], 'published', 'holds-again')
      return 'released'
    }
    // What else is found wrong with it is told, too: a flaky one does not come back.
    if (lost === final && isOurs) await tellEvent(tx, [taskId], 'quarantined', lost)
    return 'quarantined'
  })
}
