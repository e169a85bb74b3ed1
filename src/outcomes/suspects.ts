import { sql } from 'drizzle-orm'
import { asCaller, type Seeing } from '../db/as-caller.ts'
import type { Db } from '../db/connect.ts'
import { ownedBy } from './find-tasks.ts'

/** A test that many different patches of a task fail, and nothing else: it may ask for more than the statement says. */
export interface Suspect {
  readonly task: string
  readonly revision: number
  readonly repository: string
  readonly test: string
  /** Which of the task's lists it is in. */
  readonly list: 'fail_to_pass' | 'pass_to_pass'
  /** How many FAIL_TO_PASS tests the task has: of one alone, every patch that does not solve it fails the same. */
  readonly failToPass: number
  /** Different patches. */
  readonly patches: number
  /** Different patches that solved the task. */
  readonly resolved: number
  /** Of outcomes that name these grades. */
  readonly models: readonly string[]
  /** Some of them, the newest first. */
  readonly grades: readonly string[]
  /** Where the next page begins. */
  readonly position: SuspectPosition
}

export interface SuspectPosition {
  readonly patches: number
  readonly id: number
  readonly test: string
}

export interface SuspectQuery {
  readonly minPatches: number
  /** In whatever case; null: all. */
  readonly repository: string | null
  readonly limit: number
  readonly after: SuspectPosition | null
}

export const defaultMinPatches = 5
const samples = 5

type Row = Omit<Suspect, 'failToPass' | 'position'> & { readonly id: number; readonly fail_to_pass: number }

/**
 * Suspected false negatives of live tasks, those with the most patches first: grades as unresolved with exactly one failed test in both lists
 * together, the same one for many different patches. The empty patch is none of them.
 */
export async function suspects(db: Db, caller: Seeing, query: SuspectQuery): Promise<Suspect[]> {
  const { rows } = await db.execute<Row & Record<string, unknown>>(sql`
    with lone as (
      select g.task_id, g.id, g.patch_digest, g.lone_test as test,
        case when jsonb_array_length(g.result->'failToPass'->'failed') = 1 then 'fail_to_pass' else 'pass_to_pass' end as list
      from grades g where g.lone_test is not null),
    suspected as (
      select task_id, test, min(list) as list, count(distinct patch_digest)::int as patches, array_agg(id) as ids
      from lone group by task_id, test having count(distinct patch_digest) >= ${query.minPatches})
    select tasks.id::float8, tasks.name as task, tasks.revision, tasks.repository, s.test, s.list, tasks.fail_to_pass_count as fail_to_pass, s.patches,
      (select count(distinct g.patch_digest)::int from grades g where g.task_id = tasks.id and g.verdict = 'resolved') as resolved,
      (select coalesce(array_agg(distinct o.model), '{}') from grade_requests r join outcomes o on o.grade = r.id where r.grade_id = any(s.ids)) as models,
      (select coalesce(array_agg(r.id), '{}') from (select r.id from grade_requests r where r.grade_id = any(s.ids)
        order by r.created_at desc limit ${samples}) r) as grades
    from suspected s join tasks on tasks.id = s.task_id
    where tasks.state = 'live' ${ownedBy(caller)}
      ${query.repository === null ? sql`` : sql`and lower(tasks.repository) = ${query.repository.toLowerCase()}`}
      ${query.after === null ? sql`` : sql`and (-s.patches, tasks.id, s.test collate "C") > (${-query.after.patches}::int, ${query.after.id}::bigint, ${query.after.test}::text)`}
    order by -s.patches, tasks.id, s.test collate "C" limit ${query.limit}`)
  const visible = await seenAmong(
    db,
    caller,
    rows.map(({ id }) => id),
  )
  return rows
    .filter(({ id }) => visible.has(id))
    .map(({ id, fail_to_pass, ...row }) => ({
      ...row,
      failToPass: fail_to_pass,
      position: { patches: row.patches, id, test: row.test },
    }))
}

/** Grades are none of what row-level security shows: their tasks are asked for as the caller. */
async function seenAmong(db: Db, caller: Seeing, ids: readonly number[]): Promise<ReadonlySet<number>> {
  const { rows } = await asCaller(db, caller, (tx) =>
    tx.execute<{ id: number }>(sql`select id::float8 from tasks where id = any(${sql.param([...ids])}::bigint[])`),
  )
  return new Set(rows.map(({ id }) => id))
}
