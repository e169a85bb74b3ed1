import { type SQL, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { TaskFilter, TaskSort } from './filter.ts'

/** Where a page ends: the sort's value and what tells equal ones apart. */
export interface Position {
  /** Null where the tie alone is the order. */
  readonly value: string | number | null
  /** The task's sequence; its id among solve rates. */
  readonly tie: number
}

export const positionValue = z.union([z.string(), z.number(), z.null()])

/** One way to walk through listings, from one end to the other. */
export interface Order {
  /** The column whose bounds are the walk's. */
  readonly by: 'sequence' | 'merged' | 'lines' | 'difficulty' | 'rate'
  readonly descending: boolean
  /** Rows to walk, named `listing`, out of a source of listings. */
  readonly rows: (source: SQL) => SQL
  /** What they are sorted by, and the same as no index holds it; null: by the tie alone. */
  readonly value: { readonly column: SQL; readonly computed: SQL; readonly shown: SQL; readonly type: string } | null
  readonly tie: SQL
  /** Which of the rows are of this order; null: all. */
  readonly condition: SQL | null
}

const asTheyAre = (source: SQL) => sql`${source} listing`
const shownTime = (time: SQL) => sql`to_char(${time} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`

const values = {
  merged: {
    column: sql`listing.merged_at`,
    computed: sql`(listing.merged_at + interval '0')`,
    shown: shownTime(sql`listing.merged_at`),
    type: 'timestamptz',
  },
  lines: numeric('lines', 'integer'),
  difficulty: numeric('difficulty', 'smallint'),
  solve_rate: numeric('rate', 'double precision'),
}

function numeric(name: string, type: string) {
  const column = sql`listing.${sql.identifier(name)}`
  return { column, computed: sql`(${column} + 0)`, shown: sql`${column}::float8`, type }
}

/**
 * The orders that a sort goes through, one after the other: those with a solve rate come before those without. A task's place in one never
 * changes, but for its solve rate.
 */
export function ordersOf(sort: TaskSort, filter: TaskFilter): readonly Order[] {
  const descending = sort.startsWith('-') || sort === 'newest'
  const plain = {
    by: 'sequence',
    descending,
    rows: asTheyAre,
    value: null,
    tie: sql`listing.sequence`,
    condition: null,
  } as const
  if (sort === 'newest' || sort === 'oldest') return [plain]
  const name = nameOf(sort)
  if (name !== 'solve_rate') return [{ ...plain, by: name, value: values[name] }]
  const rated = {
    ...plain,
    by: 'rate' as const,
    rows: ratedBy(filter.model ?? ''),
    value: values.solve_rate,
    tie: sql`listing.task_id`,
  }
  const { solve_rate_min, solve_rate_max, attempts_min } = filter
  const onlyRated = [solve_rate_min, solve_rate_max, attempts_min].some((bound) => bound !== undefined && bound > 0)
  if (onlyRated || solve_rate_min === 0 || solve_rate_max === 0) return [rated]
  return [rated, { ...plain, descending: false, condition: isUnrated(filter.model) }]
}

function nameOf(sort: TaskSort): keyof typeof values {
  if (sort.endsWith('merged')) return 'merged'
  if (sort.endsWith('lines')) return 'lines'
  return sort.endsWith('difficulty') ? 'difficulty' : 'solve_rate'
}

const ratedBy = (model: string) => (source: SQL) =>
  sql`(select one.*, r.rate from solve_rates r join ${source} one on one.task_id = r.task_id
    where r.model = ${model} and r.rate is not null) listing`

function isUnrated(model: string | undefined): SQL {
  if (model === undefined) return sql`listing.solve_rate is null`
  return sql`not exists (select from solve_rates r where r.model = ${model} and r.task_id = listing.task_id and r.rate is not null)`
}

/** As an index has it; `computed`: so that no index has it, and the planner does not walk one for rows that are rare. */
export function orderBy({ value, tie, descending }: Order, { computed }: { readonly computed: boolean }): SQL {
  const direction = descending ? sql` desc` : sql``
  if (value === null) return computed ? sql`(${tie} + 0)${direction}` : sql`${tie}${direction}`
  return sql`${computed ? value.computed : value.column}${direction}, ${tie}${direction}`
}

export function isAfter({ value, tie, descending }: Order, after: Position | null): SQL | null {
  if (after === null) return null
  const beyond = descending ? sql`<` : sql`>`
  if (value === null) return sql`${tie} ${beyond} ${after.tie}`
  return sql`(${value.column}, ${tie}) ${beyond} (${after.value}::${sql.raw(value.type)}, ${after.tie}::bigint)`
}

const time = z.string().regex(/^\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)

/** Whether a position that a cursor gives is one of this order. */
export function fits({ value }: Order, position: Position): boolean {
  if (value === null) return position.value === null
  return value.type === 'timestamptz' ? time.safeParse(position.value).success : typeof position.value === 'number'
}
