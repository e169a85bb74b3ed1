import { type SQL, sql } from 'drizzle-orm'
import type { Seeing } from '../db/as-caller.ts'
import type { Tx } from '../db/connect.ts'
import { isSignal, type TaskFilter } from './filter.ts'
import { hasKindFilter, type Kinds, kindConditions } from './kinds.ts'
import { RefusedQuery } from './refused.ts'

/** At most and at least, both included; null: no bound. */
export interface Range {
  readonly min: number | null
  readonly max: number | null
}

/** A filter as the tables know it: names have become ids, times of publication have become sequences. */
export interface Search {
  readonly filter: TaskFilter
  /** The set as of this sequence. */
  readonly asOf: number
  /** Instead of live tasks those that ended after this sequence, and have not come back. */
  readonly endedSince: number | null
  /** Null: no facet of a kind was asked for. */
  readonly kinds: Kinds | null
  /** In lower case; null: all. */
  readonly owners: readonly string[] | null
  readonly sequence: Range
  readonly failToPass: Range
  readonly files: Range
  readonly lines: Range
  readonly difficulty: Range
  readonly mergedAfter: Date | null
  /** Bits of `listings.signature` that a match has for certain; null: no words are sought. */
  readonly signature: string | null
  /** Ids of the tasks that are excluded by name. */
  readonly excluded: readonly number[]
  /** Nothing can match: not worth a search. */
  readonly isEmpty: boolean
}

export interface SearchOptions {
  /** A sequence, or a time; undefined: now. */
  readonly asOf?: number | Date | undefined
  readonly endedSince?: number | Date | undefined
}

interface Resolved extends Record<string, unknown> {
  readonly last: number
  readonly as_of: number | null
  readonly ended_since: number | null
  readonly vetted_after: number | null
  readonly vetted_before: number | null
  readonly words: number | null
  readonly signature: string | null
  readonly kinds: readonly number[] | null
  readonly kind_listings: number | null
  readonly excluded: readonly number[] | null
}

/**
 * Looks up what a filter names, in one round trip. Throws `RefusedQuery` for what only the database can tell: an `as_of` that is yet to come, a
 * text without a word.
 */
export async function prepareSearch(
  tx: Tx,
  caller: Seeing,
  filter: TaskFilter,
  { asOf, endedSince }: SearchOptions = {},
): Promise<Search> {
  const found = await resolve(tx, filter, { asOf, endedSince })
  refuseUnanswerable(found, asOf)
  const kinds = hasKindFilter(filter) ? { ids: found.kinds ?? [], listings: found.kind_listings ?? 0 } : null
  const difficulty = { min: filter.difficulty_min ?? null, max: filter.difficulty_max ?? null }
  const files = { min: filter.files_min ?? null, max: smaller(filter.files_max, mostOf(FILES, difficulty.max)) }
  const lines = { min: filter.lines_min ?? null, max: smaller(filter.lines_max, mostOf(LINES, difficulty.max)) }
  const search = {
    filter,
    asOf: typeof asOf === 'number' ? asOf : (found.as_of ?? found.last),
    endedSince: typeof endedSince === 'number' ? endedSince : found.ended_since,
    kinds,
    owners: ownersOf(caller, filter),
    sequence: { min: found.vetted_after === null ? null : found.vetted_after + 1, max: found.vetted_before },
    failToPass: { min: filter.fail_to_pass_min ?? null, max: filter.fail_to_pass_max ?? null },
    files,
    lines,
    difficulty: boundDifficulty(difficulty, lines, files),
    mergedAfter: later(filter.merged_after, filter.cutoff),
    signature: found.signature,
    excluded: found.excluded ?? [],
  }
  return { ...search, isEmpty: holdsNothing(search) }
}

async function resolve(tx: Tx, filter: TaskFilter, { asOf, endedSince }: SearchOptions): Promise<Resolved> {
  const before = (time: Date | undefined) =>
    time === undefined ? sql`null::float8` : sql`quarry_sequence_before(${time.toISOString()})::float8`
  const until = (time: number | Date | undefined) =>
    time instanceof Date
      ? sql`quarry_sequence_before(${time.toISOString()}::timestamptz + interval '1 microsecond')::float8`
      : sql`null::float8`
  const { rows } = await tx.execute<Resolved>(sql`
    select quarry_last_sequence()::float8 as last, ${until(asOf)} as as_of, ${until(endedSince)} as ended_since,
      ${before(filter.vetted_after)} as vetted_after, ${before(filter.vetted_before)} as vetted_before,
      ${filter.text === undefined ? sql`null::int` : sql`numnode(${wordsOf(filter.text)})`} as words,
      ${filter.text === undefined ? sql`null::bit(512)` : sql`quarry_sought_signature(${wordsOf(filter.text)})`} as signature,
      ${excludedIds(filter)} as excluded, kinds.ids as kinds, kinds.listings as kind_listings
    from ${
      hasKindFilter(filter)
        ? sql`(select array_agg(id) as ids, sum(listings)::float8 as listings from task_kinds where ${kindConditions(filter)})`
        : sql`(select null::int[] as ids, null::float8 as listings)`
    } kinds`)
  const [row] = rows
  if (row === undefined) throw new Error('the database gave no answer to a query of one row')
  return row
}

export const wordsOf = (text: string): SQL => sql`websearch_to_tsquery('pg_catalog.english', ${text})`

/** `name` is every revision of that task, `name@2` the one. */
function excludedIds({ exclude }: TaskFilter): SQL {
  if (exclude === undefined) return sql`null::float8[]`
  const split = exclude.map((given) => given.split('@'))
  const names = split.map(([name]) => name)
  const revisions = split.map(([, revision]) => (revision === undefined ? null : Number(revision)))
  return sql`(select array_agg(distinct id::float8) from tasks
    join unnest(${sql.param(names)}::text[], ${sql.param(revisions)}::bigint[]) given (name, revision)
      on tasks.name = given.name and (given.revision is null or tasks.revision = given.revision))`
}

function refuseUnanswerable({ last, words }: Resolved, asOf: SearchOptions['asOf']): void {
  const isFuture = asOf instanceof Date ? asOf.getTime() > Date.now() : asOf !== undefined && asOf > last
  const problems = [
    ...(isFuture
      ? [{ field: 'as_of', problem: 'is yet to come', mend: `at most ${last}, or a time that is past` }]
      : []),
    ...(words === 0 ? [{ field: 'text', problem: 'holds no word to search for', mend: 'say more' }] : []),
  ]
  if (problems.length > 0) throw new RefusedQuery(problems)
}

function ownersOf({ owners: seen }: Seeing, { owner }: TaskFilter): readonly string[] | null {
  const asked = owner?.map((name) => name.toLowerCase()) ?? null
  if (seen === null || asked === null) return asked ?? seen
  return asked.filter((name) => seen.includes(name))
}

/** What sizes that were asked for say of it: a walk by difficulty then begins where these can be. */
function boundDifficulty(asked: Range, lines: Range, files: Range): Range {
  const min = Math.max(asked.min ?? 1, difficultyOf(lines.min ?? 0, files.min ?? 0))
  const max = Math.min(asked.max ?? 5, difficultyOf(lines.max ?? Infinity, files.max ?? Infinity))
  return { min: min === 1 ? null : min, max: max === 5 ? null : max }
}

/** Lines and files from which on a fix counts as one step more difficult; see `tasks.difficulty`. */
const LINES = [10, 30, 100, 300]
const FILES = [4, 10]

function difficultyOf(lines: number, files: number): number {
  const steps = [...LINES.map((step) => lines >= step), ...FILES.map((step) => files >= step)]
  return Math.min(5, 1 + steps.filter((reached) => reached).length)
}

/** The most of a size that a difficulty of at most so much can have; null: any. */
function mostOf(steps: readonly number[], difficulty: number | null): number | null {
  const next = difficulty === null ? undefined : steps[difficulty - 1]
  return next === undefined ? null : next - 1
}

function smaller(a: number | undefined, b: number | null): number | null {
  return a === undefined ? b : b === null ? a : Math.min(a, b)
}

/** A cutoff says something of the merge, too: it comes last. */
function later(a: Date | undefined, b: Date | undefined): Date | null {
  if (a === undefined || b === undefined) return a ?? b ?? null
  return a > b ? a : b
}

function holdsNothing(search: Omit<Search, 'isEmpty'>): boolean {
  const { filter, kinds, owners, mergedAfter } = search
  const ranges = [search.sequence, search.failToPass, search.files, search.lines, search.difficulty]
  const { flag = [], without_flag = [] } = filter
  return (
    kinds?.ids.length === 0 ||
    owners?.length === 0 ||
    ranges.some(({ min, max }) => min !== null && max !== null && min > max) ||
    (mergedAfter !== null && filter.merged_before !== undefined && mergedAfter >= filter.merged_before) ||
    flag.filter(isSignal).length > 1 ||
    flag.some((name) => without_flag.includes(name))
  )
}
