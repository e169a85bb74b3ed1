import { sql } from 'drizzle-orm'
import type { Executor } from '../db/connect.ts'

/** How much there is, for whoever operates it. */
export interface Stats {
  readonly repositories: number
  /** By state; erased ones are counted beside it. */
  readonly tasks: Readonly<Record<'live' | 'quarantined' | 'retired' | 'erased', number>>
  /** Live tasks by language. */
  readonly languages: Readonly<Record<string, number>>
  /** Candidates by state. */
  readonly candidates: Readonly<Record<'proposed' | 'vetted' | 'refused' | 'fault', number>>
  /** Refused candidates by reason. */
  readonly refused: Readonly<Record<string, number>>
}

interface Row extends Record<string, unknown> {
  readonly what: string
  readonly name: string
  readonly count: number
}

/** Counts what the caller may see, in one pass over each table. */
export async function stats(db: Executor, { owners }: { readonly owners: readonly string[] | null }): Promise<Stats> {
  const seen =
    owners === null ? sql`true` : sql`lower(split_part(r.name, '/', 1)) = any(${sql.param([...owners])}::text[])`
  const { rows } = await db.execute<Row>(sql`
    with seen as materialized (select r.id from repositories r where ${seen}),
      of_tasks as (select state, language, erased_at is not null as erased, count(*)::int as n from tasks t
        where t.repository_id in (select id from seen) group by 1, 2, 3),
      of_candidates as (select state, reason, count(*)::int as n from candidates c
        where c.repository_id in (select id from seen) group by 1, 2)
    select 'repositories' as what, '' as name, count(*)::int as count from seen
    union all select 'tasks', state, sum(n)::int from of_tasks group by state
    union all select 'tasks', 'erased', coalesce(sum(n) filter (where erased), 0)::int from of_tasks
    union all select 'languages', language, sum(n)::int from of_tasks where state = 'live' group by language
    union all select 'candidates', state, sum(n)::int from of_candidates group by state
    union all select 'refused', reason, sum(n)::int from of_candidates where state = 'refused' and reason is not null group by reason`)
  const counts = (what: string) =>
    Object.fromEntries(rows.filter((row) => row.what === what).map(({ name, count }) => [name, count]))
  return {
    repositories: counts('repositories')[''] ?? 0,
    tasks: { live: 0, quarantined: 0, retired: 0, erased: 0, ...counts('tasks') },
    languages: counts('languages'),
    candidates: { proposed: 0, vetted: 0, refused: 0, fault: 0, ...counts('candidates') },
    refused: counts('refused'),
  }
}
