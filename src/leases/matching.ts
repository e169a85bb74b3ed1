import { type SQL, sql } from 'drizzle-orm'
import type { Tx } from '../db/connect.ts'
import type { TaskFilter } from '../query/filter.ts'
import type { FoundTask } from '../query/types.ts'

/** Who asks, and for what. */
export interface Wish {
  /** Null: every account's tasks exist for it. */
  readonly owners: readonly string[] | null
  readonly filter: TaskFilter
}

/** Reads as the caller in the middle of a transaction: what row-level security keeps from it is not there meanwhile. */
export async function seenBy<T>(tx: Tx, { owners }: Pick<Wish, 'owners'>, read: () => Promise<T>): Promise<T> {
  await tx.execute(sql`select set_config('quarry.owners', ${owners === null ? '*' : owners.join(',')}, true)`)
  return read()
}

/** Live tasks of a wish, newest revision of each: (task_id, sequence, repository). */
export function found({ owners, filter }: Wish): SQL {
  const conditions = [
    sql`t.state = 'live'`,
    sql`not exists (select 1 from tasks n where n.installation_id = t.installation_id and n.name = t.name and n.revision > t.revision)`,
    ...(owners === null ? [] : [sql`lower(split_part(t.repository, '/', 1)) = any(${sql.param([...owners])}::text[])`]),
    ...(filter.repository === undefined
      ? []
      : [sql`lower(t.repository) = any(${sql.param(filter.repository.map((r) => r.toLowerCase()))}::text[])`]),
    ...(filter.language === undefined ? [] : [sql`t.language = any(${sql.param(filter.language)}::text[])`]),
    ...(filter.solve_rate_max === undefined
      ? []
      : [
          sql`exists (select 1 from solve_rates s where s.task_id = t.id and s.model = '' and s.rate <= ${filter.solve_rate_max})`,
        ]),
  ]
  return sql`select t.id as task_id, t.sequence, lower(t.repository) as repository from tasks t where ${sql.join(conditions, sql` and `)}`
}

export async function foundByIds(
  tx: Tx,
  _caller: Pick<Wish, 'owners'>,
  ids: readonly number[],
): Promise<ReadonlyMap<number, FoundTask>> {
  const { rows } = await tx.execute(
    sql`select id::int4, name, revision, repository, state from tasks where id = any(${sql.param([...ids])}::bigint[])`,
  )
  return new Map((rows as unknown as FoundTask[]).map((row) => [row.id, row]))
}
