import { type SQL, sql } from 'drizzle-orm'
import { isSignal } from './filter.ts'
import { isOfKinds } from './kinds.ts'
import { type Range, type Search, wordsOf } from './search.ts'

const listOf = (values: readonly unknown[], type: string): SQL => sql`${sql.param(values)}::${sql.raw(type)}[]`
const timeOf = (time: Date): SQL => sql`${time.toISOString()}::timestamptz`

/**
 * That a row of `listings`, named `listing`, belongs to a search: all of it. `indexed` where an index may find the kinds, rather than a walk come
 * by them; without `words` where these were searched already.
 */
export function conditionsOf(
  search: Search,
  { indexed, words = true }: { readonly indexed: boolean; readonly words?: boolean },
): SQL {
  const { filter, kinds } = search
  return all([
    standing(search),
    ...anchorsOf(search),
    kinds === null ? null : isOfKinds(kinds, { indexed }),
    !indexed || filter.language === undefined ? null : sql`listing.language = any (${listOf(filter.language, 'text')})`,
    ...inRange('fail_to_pass', search.failToPass),
    ...inRange('files', search.files),
    ...boundsOf(search, 'lines'),
    ...boundsOf(search, 'difficulty'),
    ...boundsOf(search, 'sequence'),
    ...boundsOf(search, 'merged'),
    filter.cutoff === undefined ? null : sql`listing.earliest_at >= ${timeOf(filter.cutoff)}`,
    filter.exclude_repository === undefined
      ? null
      : sql`listing.repository <> all (${listOf(filter.exclude_repository.map(lowerCase), 'text')})`,
    search.excluded.length === 0 ? null : sql`listing.task_id <> all (${listOf(search.excluded, 'bigint')})`,
    ...solveRate(search, indexed),
    ...signalsOf(search),
    maySayWords(search),
    words ? saysWords(search) : null,
  ])
}

/** That the statement has the words that are sought; null: none are. Fetching a row's words costs ten times what the row does. */
export function saysWords({ filter }: Search): SQL | null {
  return filter.text === undefined ? null : sql`listing.words @@ ${wordsOf(filter.text)}`
}

/** That it may have them, by what is in the row itself; null: it can't be told. */
function maySayWords({ signature }: Search): SQL | null {
  if (!signature?.includes('1')) return null
  const bits = sql`${signature}::bit(512)`
  return sql`listing.signature & ${bits} = ${bits}`
}

/** What narrows any walk by an index of its own: owners (the first wall; row-level security is the second) and repositories. */
export function anchorsOf({ filter, owners }: Search): (SQL | null)[] {
  return [
    owners === null ? null : sql`listing.owner = any (${listOf(owners, 'text')})`,
    filter.repository === undefined
      ? null
      : sql`listing.repository = any (${listOf(filter.repository.map(lowerCase), 'text')})`,
  ]
}

/** What bounds a column that a sort may be by: a walk begins and ends there. */
export function boundsOf(search: Search, column: 'lines' | 'difficulty' | 'sequence' | 'merged'): SQL[] {
  if (column !== 'merged') return inRange(column, search[column])
  const { mergedAfter: after, filter } = search
  return [
    ...(after === null ? [] : [sql`listing.merged_at >= ${timeOf(after)}`]),
    ...(filter.merged_before === undefined ? [] : [sql`listing.merged_at < ${timeOf(filter.merged_before)}`]),
  ]
}

export function all(conditions: readonly (SQL | null)[]): SQL {
  const given = conditions.filter((condition) => condition !== null)
  return given.length === 0 ? sql`true` : sql.join(given, sql` and `)
}

const lowerCase = (name: string) => name.toLowerCase()

/** It stood as of the sequence; or it is its task's last, and that ended since. */
function standing({ asOf, endedSince }: Search): SQL {
  if (endedSince === null)
    return sql`listing.from_sequence <= ${asOf} and (listing.until_sequence is null or listing.until_sequence > ${asOf})`
  return sql`listing.until_sequence is not null
    and listing.task_id in (select id from tasks where ended_sequence > ${endedSince} and ended_sequence <= ${asOf})
    and not exists (select from listings after where after.task_id = listing.task_id and after.from_sequence > listing.from_sequence)`
}

function inRange(column: string, { min, max }: Range): SQL[] {
  const name = sql`listing.${sql.identifier(column)}`
  return [...(min === null ? [] : [sql`${name} >= ${min}`]), ...(max === null ? [] : [sql`${name} <= ${max}`])]
}

/** Of all models together it stands in the listing; of one it is looked up. */
function solveRate({ filter }: Search, indexed: boolean): SQL[] {
  const { solve_rate_min: min, solve_rate_max: max, attempts_min: attempts, model } = filter
  if (min === undefined && max === undefined && attempts === undefined) return []
  const of = (rate: SQL, tried: SQL) =>
    all([
      min === undefined ? null : sql`${rate} >= ${min}`,
      max === undefined ? null : sql`${rate} <= ${max}`,
      attempts === undefined ? null : sql`${tried} >= ${attempts}`,
    ])
  if (model === undefined) return [of(sql`listing.solve_rate`, sql`listing.attempts`)]
  const asked = sql`r.model = ${model} and ${of(sql`r.rate`, sql`r.attempts`)}`
  if (indexed) return [sql`listing.task_id in (select r.task_id from solve_rates r where ${asked})`]
  // One look at the primary key for each row that a walk comes by, and not a table of all that was ever tried.
  return [sql`(select true from solve_rates r where r.task_id = listing.task_id and ${asked})`]
}

export const signalsAsked = ({ filter }: Search): SQL[] =>
  (filter.flag ?? []).filter(isSignal).map((signal) => sql`listing.signal = ${signal}`)

function signalsOf(search: Search): SQL[] {
  const { filter } = search
  return [
    ...signalsAsked(search),
    ...(filter.without_flag ?? []).filter(isSignal).map((signal) => sql`listing.signal is distinct from ${signal}`),
  ]
}
