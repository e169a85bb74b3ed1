import { and, asc, desc, eq, getTableColumns, gte, ilike, isNotNull, lt, lte, type SQL, sql } from 'drizzle-orm'
import type { Executor } from '../db/connect.ts'
import { attempts, environments, snapshots, tasks } from '../db/schema.ts'
import type { Strategy } from '../model/index.ts'
import { expandNames } from '../test-runs/compact.ts'

type TaskRow = typeof tasks.$inferSelect

/** A task with everything that running and grading it needs. */
export interface FullTask extends Omit<FoundTask, 'passToPass'> {
  readonly passToPass: readonly string[]
  readonly snapshot: typeof snapshots.$inferSelect
  readonly strategy: Strategy
  readonly environment: typeof environments.$inferSelect
}

/** What `quarry tasks` and the API filter by; every one is optional, all must hold. */
export interface TaskFilter {
  readonly repository?: string | undefined
  readonly owner?: string | undefined
  readonly language?: string | undefined
  readonly framework?: string | undefined
  readonly ecosystem?: string | undefined
  readonly miner?: string | undefined
  readonly mergedAfter?: Date | undefined
  readonly mergedBefore?: Date | undefined
  readonly vettedAfter?: Date | undefined
  readonly vettedBefore?: Date | undefined
  readonly flag?: readonly string[] | undefined
  readonly withoutFlag?: readonly string[] | undefined
  /** A publication sequence: the set as it was then, for ever. */
  readonly asOf?: number | undefined
  /** Instead of live tasks those that are no longer live, and ended after this publication sequence. */
  readonly endedSince?: number | undefined
  readonly limit?: number | undefined
}

/** What took a task out of the live set. */
export interface TaskEnd {
  readonly sequence: number
  /** As one word. */
  readonly reason: string | null
  /** ISO 8601. */
  readonly at: string
}

export interface FoundTask extends TaskRow {
  /** As it is now, whatever sequence was asked for; null: it is live. */
  readonly ended: TaskEnd | null
}

const lastEvent = sql`(select p.* from publications p where p.task_id = tasks.id order by p.sequence desc limit 1)`

const ended = sql<TaskEnd | null>`(select jsonb_build_object('sequence', last.sequence, 'reason', last.detail,
  'at', to_char(last.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) from ${lastEvent} last where last.event <> 'published')`

/**
 * Live tasks that match, newest revision of each, in the order of publication. As of a sequence before their end, erased ones are among
 * them: as tombstones (`erasedAt`), so that the set's names stay what they were.
 */
export async function findTasks(db: Executor, filter: TaskFilter): Promise<FoundTask[]> {
  return db
    .select({ ...getTableColumns(tasks), ended })
    .from(tasks)
    .where(and(...conditions(filter)))
    .orderBy(asc(tasks.sequence))
    .limit(filter.limit ?? 1_000_000)
}

function conditions(filter: TaskFilter): SQL[] {
  const until = filter.asOf ?? Number.MAX_SAFE_INTEGER
  const given: (SQL | undefined)[] = [
    lte(tasks.sequence, until),
    filter.endedSince === undefined ? standsAt(until) : endedSince(filter.endedSince),
    filter.repository === undefined ? undefined : eq(tasks.repository, filter.repository),
    filter.owner === undefined ? undefined : ilike(tasks.repository, `${filter.owner.replace(/[%_\\]/g, '\\$&')}/%`),
    filter.language === undefined ? undefined : eq(tasks.language, filter.language),
    filter.ecosystem === undefined ? undefined : eq(tasks.ecosystem, filter.ecosystem),
    filter.miner === undefined ? undefined : eq(tasks.miner, filter.miner),
    filter.framework === undefined ? undefined : sql`${tasks.frameworks} ? ${filter.framework}`,
    filter.mergedAfter === undefined ? undefined : gte(tasks.mergedAt, filter.mergedAfter),
    filter.mergedBefore === undefined ? undefined : lt(tasks.mergedAt, filter.mergedBefore),
    filter.vettedAfter === undefined ? undefined : gte(tasks.publishedAt, filter.vettedAfter),
    filter.vettedBefore === undefined ? undefined : lt(tasks.publishedAt, filter.vettedBefore),
    ...(filter.flag ?? []).map((flag) => sql`${tasks.flags} ? ${flag}`),
    ...(filter.withoutFlag ?? []).map((flag) => sql`not ${tasks.flags} ? ${flag}`),
  ]
  return given.filter((condition) => condition !== undefined)
}

/** Published, and by then neither replaced by a newer revision nor quarantined nor retired. */
function standsAt(until: number): SQL {
  return sql`(select p.event from publications p where p.task_id = ${tasks.id} and p.sequence <= ${until} order by p.sequence desc limit 1) = 'published'
    and not exists (select 1 from tasks newer where newer.installation_id = ${tasks.installationId} and newer.name = ${tasks.name}
      and newer.revision > ${tasks.revision} and newer.sequence <= ${until})`
}

/** It is no longer live, and was until then. */
function endedSince(sequence: number): SQL {
  return sql`exists (select 1 from ${lastEvent} last where last.event <> 'published' and last.sequence > ${sequence})`
}

/** The newest revision of a task by its name, or `name@revision` for one of them; null where there is none, or it is erased. */
export async function findTask(db: Executor, id: string): Promise<FullTask | null> {
  const [, name, revision] = /^(.*?)(?:@(\d+))?$/.exec(id) ?? []
  if (name === undefined) return null
  return fullTask(
    db,
    and(eq(tasks.name, name), revision === undefined ? undefined : eq(tasks.revision, Number(revision))),
  )
}

/** The same by the number of its row. */
export function taskWithId(db: Executor, id: number): Promise<FullTask | null> {
  return fullTask(db, eq(tasks.id, id))
}

async function fullTask(db: Executor, which: SQL | undefined): Promise<FullTask | null> {
  const [row] = await db
    .select({ task: tasks, ended, snapshot: snapshots, strategy: attempts.strategy, environment: environments })
    .from(tasks)
    .innerJoin(snapshots, eq(snapshots.id, tasks.snapshotId))
    .innerJoin(attempts, eq(attempts.id, tasks.attemptId))
    .innerJoin(environments, eq(environments.id, tasks.environmentId))
    .where(which)
    .orderBy(desc(tasks.revision))
    .limit(1)
  if (row === undefined) return null
  const { task, ...rest } = row
  return { ...task, ...rest, passToPass: expandNames(task.passToPass) }
}

/** Whether there was a task of that name whose content was erased. */
export async function isErased(db: Executor, id: string): Promise<boolean> {
  const [name = '', revision] = id.split('@')
  const which = and(
    eq(tasks.name, name),
    revision === undefined ? undefined : sql`${tasks.revision}::text = ${revision}`,
    isNotNull(tasks.erasedAt),
  )
  return (await db.$count(tasks, which)) > 0
}

/** The last sequence that was given out by a time: what `as_of` may name. */
export async function lastSequence(db: Executor, at: Date = new Date()): Promise<number> {
  const {
    rows: [row],
  } = await db.execute<{ last: string | null }>(
    sql`select max(sequence) as last from publications where at <= ${at.toISOString()}`,
  )
  return Number(row?.last ?? 0)
}
