import { and, desc, eq, inArray, isNotNull, type SQL, sql } from 'drizzle-orm'
import type { Seeing } from '../db/as-caller.ts'
import type { Executor } from '../db/connect.ts'
import { attempts, environments, snapshots, tasks } from '../db/schema.ts'
import type { Strategy } from '../model/index.ts'
import { expandNames } from '../test-runs/compact.ts'
import type { FoundTask, TaskEnd } from './types.ts'

type TaskRow = typeof tasks.$inferSelect

/** A task with everything that running and grading it needs. */
export interface FullTask extends Omit<TaskRow, 'passToPass'> {
  /** As it is now; null: it is live. */
  readonly ended: TaskEnd | null
  readonly passToPass: readonly string[]
  readonly snapshot: typeof snapshots.$inferSelect
  readonly strategy: Strategy
  readonly environment: typeof environments.$inferSelect
}

/** What a full task is as a query finds it; without a solve rate. */
export function foundTask(task: FullTask): FoundTask {
  const { publishedAt: vettedAt, statement, ended, licence, owner, title, difficulty, earliestAt, ...row } = task
  return { ...row, ...{ vettedAt, statement, ended, licence, owner, title, difficulty, earliestAt, solveRate: null } }
}

/**
 * The newest revision of a task by its name, or `name@revision` for one of them; null where there is none for
 * these owners, or it is erased. On behalf of a caller: inside `asCaller`.
 */
export async function findTask(db: Executor, id: string, seen: Seeing): Promise<FullTask | null> {
  const [, name, revision] = /^(.*?)(?:@(\d+))?$/.exec(id) ?? []
  if (name === undefined) return null
  return fullTask(
    db,
    and(
      eq(tasks.name, name),
      revision === undefined ? undefined : sql`${tasks.revision}::text = ${revision}`,
      seen.owners === null ? undefined : inArray(tasks.owner, [...seen.owners]),
    ),
  )
}

/** The same by the number of its row. */
export function taskWithId(db: Executor, id: number): Promise<FullTask | null> {
  return fullTask(db, eq(tasks.id, id))
}

async function fullTask(db: Executor, which: SQL | undefined): Promise<FullTask | null> {
  const [row] = await db
    .select({ task: tasks, snapshot: snapshots, strategy: attempts.strategy, environment: environments })
    .from(tasks)
    .innerJoin(snapshots, eq(snapshots.id, tasks.snapshotId))
    .innerJoin(attempts, eq(attempts.id, tasks.attemptId))
    .innerJoin(environments, eq(environments.id, tasks.environmentId))
    .where(which)
    .orderBy(desc(tasks.revision))
    .limit(1)
  if (row === undefined) return null
  const { task, ...rest } = row
  return { ...task, ...rest, ended: endOf(task), passToPass: expandNames(task.passToPass) }
}

function endOf({ endedSequence: sequence, endedReason: reason, endedAt }: TaskRow): TaskEnd | null {
  return sequence === null || endedAt === null ? null : { sequence, reason, at: endedAt.toISOString() }
}

/** Whether there was a task of that name whose content was erased. */
export async function isErased(db: Executor, id: string, seen: Seeing): Promise<boolean> {
  const [name = '', revision] = id.split('@')
  const which = and(
    eq(tasks.name, name),
    revision === undefined ? undefined : sql`${tasks.revision}::text = ${revision}`,
    isNotNull(tasks.erasedAt),
    seen.owners === null ? undefined : inArray(tasks.owner, [...seen.owners]),
  )
  return (await db.$count(tasks, which)) > 0
}
