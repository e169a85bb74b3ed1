import { type SQL, sql } from 'drizzle-orm'
import { isSignal, type TaskFilter } from './filter.ts'

/** The kinds of tasks (rows of `task_kinds`) that a filter allows. */
export interface Kinds {
  readonly ids: readonly number[]
  /** How many listings these ever had: what a search is planned by. */
  readonly listings: number
}

const flagsOf = (given: readonly string[] = []) => given.filter((flag) => !isSignal(flag))

/** Whether a filter asks for a facet that kinds hold. */
export function hasKindFilter(filter: TaskFilter): boolean {
  const { language, ecosystem, miner, licence, framework } = filter
  const facets = [language, ecosystem, miner, licence, framework]
  return (
    facets.some((facet) => facet !== undefined) ||
    flagsOf(filter.flag).length > 0 ||
    flagsOf(filter.without_flag).length > 0
  )
}

/** Over `task_kinds`. */
export function kindConditions(filter: TaskFilter): SQL {
  const conditions: SQL[] = [sql`true`]
  for (const facet of ['language', 'miner'] as const) {
    const asked = filter[facet]
    if (asked !== undefined) conditions.push(sql`${sql.identifier(facet)} = any (${sql.param(asked)}::text[])`)
  }
  const { ecosystem, licence, framework } = filter
  // A task of several has them all in one name: `node+python`.
  if (ecosystem !== undefined) conditions.push(sql`string_to_array(ecosystem, '+') && ${sql.param(ecosystem)}::text[]`)
  if (licence !== undefined)
    conditions.push(sql`lower(licence) = any (${sql.param(licence.map((name) => name.toLowerCase()))}::text[])`)
  if (framework !== undefined) conditions.push(sql`frameworks && ${sql.param(framework)}::text[]`)
  const [flags, without] = [flagsOf(filter.flag), flagsOf(filter.without_flag)]
  if (flags.length > 0) conditions.push(sql`flags @> ${sql.param(flags)}::text[]`)
  if (without.length > 0) conditions.push(sql`not flags && ${sql.param(without)}::text[]`)
  return sql.join(conditions, sql` and `)
}

/** Past so many a list costs more to plan with than to look up. */
const MOST_LISTED = 64

/** Of a column of kinds, that of `listing` by itself: as a list, by which an index can be used, or as a set of bits. */
export function isOfKinds(
  { ids }: Kinds,
  { indexed }: { readonly indexed: boolean },
  kind = sql`listing.kind_id`,
): SQL {
  if (ids.length <= (indexed ? MOST_LISTED * 8 : MOST_LISTED)) return sql`${kind} = any (${sql.param(ids)}::int[])`
  const bits = Buffer.alloc((Math.max(...ids) >> 3) + 1)
  for (const id of ids) bits[id >> 3] = (bits[id >> 3] ?? 0) | (1 << (id & 7))
  // A kind that came since has a larger id than the set knows.
  return sql`case when ${kind} < ${bits.length * 8} then get_bit(${sql.param(bits)}::bytea, ${kind}) = 1 else false end`
}
