import { type SQL, sql } from 'drizzle-orm'
import type { Tx } from '../db/connect.ts'
import { all, anchorsOf, boundsOf, conditionsOf, saysWords, signalsAsked } from './conditions.ts'
import { isSignal } from './filter.ts'
import { isAfter, type Order, orderBy, type Position } from './order.ts'
import type { FoundKey, KeyReader } from './rows.ts'
import type { Range, Search } from './search.ts'

/** Rows that a first walk looks at, and the most that a second one does: some milliseconds, and some tens of them. */
const FIRST_WALK = 2000
/** Each of some owners walks as many. */
const FIRST_WALK_OF_OWNERS = 600
const LONGEST_WALK = 30_000
/** What gathering costs grows with the tasks there are, what a walk costs does not: it may be longer by the root of how many times these there are. */
const WALK_AMONG = 1_000_000
/** A row whose words are fetched costs ten times as much, and their index finds rarer ones sooner. */
const MOST_WORDS = 6000
/** A walk is given some more rows than it needs on average: the more, the less was seen to go by. */
const marginOf = (found: number) => 1 + 2 / Math.sqrt(Math.max(found, 1))

/**
 * The next `count` tasks of a search after a position. Two ways, chosen by what is seen and not by an estimate, which is wrong where
 * filters hang together:
 *
 * 1. Walk the sort's index for a bounded number of rows and keep those that match. Where matches are common, the page is full after some
 *    thousand rows, however many there are in all.
 * 2. Where that does not fill the page, matches are rare: find all of them by the indexes of what was asked, and sort.
 */
export async function findKeys(
  tx: Tx,
  search: Search,
  order: Order,
  { after, count, read }: PageOfKeys,
): Promise<readonly FoundKey[]> {
  if (search.isEmpty) return []
  const most = Math.max(Math.ceil(LONGEST_WALK * Math.sqrt(Math.max(search.asOf / WALK_AMONG, 1))), count * 4)
  const walked = (rows: number) => read(tx, walk(search, order, { after, count, rows }), { least: count })
  if (isWorthAWalk(search, order, most, count) && !(await isAmongFew(tx, search, order))) {
    const first = Math.max(firstWalk(search), count * 2)
    const found = await walked(first)
    if (found.length === count) return found
    const onAverage = Math.ceil((first * count) / Math.max(found.length, 1))
    if (onAverage <= most) {
      const more = await walked(Math.min(most, Math.ceil(onAverage * marginOf(found.length))))
      if (more.length === count) return more
    }
  }
  const gathering = search.filter.text === undefined ? expectScattered(tx) : null
  const [gathered] = await Promise.all([read(tx, gather(search, order, { after, count }), { least: 0 }), gathering])
  return gathered
}

/**
 * What is gathered lies all over the table: read page by page, by bitmaps, it takes two thirds of the time. Sent before this returns. Not for words,
 * whose own index is so chosen where other ones would do better.
 */
function expectScattered(tx: Tx): Promise<unknown> {
  return tx.execute(sql`select set_config('random_page_cost', '4', true)`).then(() => undefined)
}

interface PageOfKeys {
  readonly after: Position | null
  readonly count: number
  readonly read: KeyReader
}

function firstWalk({ filter, owners }: Search): number {
  return owners === null && filter.repository === undefined ? FIRST_WALK : FIRST_WALK_OF_OWNERS
}

/** Not where its kinds are so rare that the longest walk would not do. Publications are at least as many as listings. */
function isWorthAWalk(search: Search, order: Order, most: number, count: number): boolean {
  const { kinds, asOf, endedSince } = search
  if (endedSince !== null) return false
  if (namesOf(search, order) !== null) return true
  return kinds === null || (kinds.listings / Math.max(asOf, 1)) * most >= count
}

/** What may be gathered whole in the time of a walk. */
const FEW = 30_000

/**
 * In another order than that of publication no index leads through a few owners' tasks, or a signal's, and for words there is a better
 * one: where these are not many, all are gathered.
 */
async function isAmongFew(tx: Tx, search: Search, order: Order): Promise<boolean> {
  const anchors = [...anchorsOf(search), ...signalsAsked(search)].filter((anchor) => anchor !== null)
  const isLed = order.by === 'sequence' && order.condition === null && search.filter.text === undefined
  if (anchors.length === 0 || isLed) return false
  const { rows } = await tx.execute<{ many: boolean }>(
    sql`select count(*) > ${FEW} as many from (select from listings listing where ${all(anchors)} limit ${FEW + 1}) counted`,
  )
  return rows[0]?.many === false
}

interface Walk {
  readonly after: Position | null
  readonly count: number
  readonly rows: number
}

function walk(search: Search, order: Order, { after, count, rows }: Walk): SQL {
  const index = orderBy(order, { computed: false })
  const bounds = order.by === 'rate' ? rateBounds(search) : boundsOf(search, order.by)
  const within = all([isAfter(order, after), order.condition, ...bounds])
  // An index leads through the tasks of a signal, in the order of publication alone.
  const signals = order.by === 'sequence' ? signalsAsked(search) : []
  const walked =
    byNames(search, order, within, rows) ??
    sql`select * from ${order.rows(sql`listings`)} where ${all([within, ...anchorsOf(search), ...signals])} order by ${index} limit ${rows}`
  const kept = conditionsOf(search, { indexed: false, words: false })
  const words = saysWords(search)
  const found =
    words === null
      ? sql`(${walked}) listing where ${kept}`
      : sql`(select * from (${walked}) listing where ${kept} order by ${index} limit ${MOST_WORDS}) listing where ${words}`
  return sql`${shownKey(order)} from ${found} order by ${index} limit ${count}`
}

/** Past so many names a walk through all that there is comes cheaper than one through each. */
const MOST_NAMES = 12

/** A few repositories, owners or languages are walked each by its own index, where there is one in this order. */
function byNames(search: Search, order: Order, within: SQL, rows: number): SQL | null {
  const names = namesOf(search, order)
  if (names === null) return null
  const index = orderBy(order, { computed: false })
  const each = [...new Set(names.of)].map(
    (name) =>
      sql`(select * from listings listing where listing.${names.column} = ${name} and ${within} order by ${index} limit ${rows})`,
  )
  // Postgres merges them as it goes, and reads of each no more than it takes.
  return sql`select * from (${sql.join(each, sql` union all `)}) listing order by ${index} limit ${rows}`
}

interface Names {
  readonly column: SQL
  readonly of: readonly string[]
}

function namesOf(search: Search, order: Order): Names | null {
  const names = order.condition === null ? namesAsked(search, order) : null
  return names === null || names.of.length > MOST_NAMES ? null : names
}

function namesAsked({ filter, owners }: Search, { by }: Order): Names | null {
  const { repository, language } = filter
  if (by === 'sequence') {
    if (repository !== undefined) return { column: sql`repository`, of: repository.map((name) => name.toLowerCase()) }
    if (owners !== null) return { column: sql`owner`, of: owners }
    // Rarer than a language by far.
    if (filter.flag?.some(isSignal)) return null
  }
  if (language === undefined || !(by === 'sequence' || by === 'merged')) return null
  return { column: sql`language`, of: language }
}

/** Of the model whose rates are walked. */
function rateBounds({ filter: { solve_rate_min: min, solve_rate_max: max } }: Search): SQL[] {
  return [
    ...(min === undefined ? [] : [sql`listing.rate >= ${min}`]),
    ...(max === undefined ? [] : [sql`listing.rate <= ${max}`]),
  ]
}

function gather(search: Search, order: Order, page: { after: Position | null; count: number }): SQL {
  const matching = conditionsOf(search, { indexed: true, words: false })
  const which = all([isAfter(order, page.after), order.condition, matching])
  return sql`${shownKey(order)} from ${order.rows(sourceOf(search))} where ${which} order by ${orderBy(order, { computed: true })} limit ${page.count}`
}

function shownKey({ value, tie }: Order): SQL {
  return sql`select listing.task_id as id, ${tie}::float8 as tie, ${value === null ? sql`null` : value.shown} as value,
    listing.attempts, listing.solve_rate, listing.signal`
}

/**
 * What a search reads where it goes by the indexes of what was asked. Words are searched by a function that row-level security keeps no index
 * from; it is told all that narrows.
 */
export function sourceOf(search: Search): SQL {
  const { filter, kinds } = search
  if (filter.text === undefined) return sql`listings`
  const model = filter.model === undefined
  const range = (name: string, { min, max }: Range) => ({ [`${name}_min`]: min, [`${name}_max`]: max })
  const narrowed = {
    kinds: kinds !== null && kinds.ids.length <= 512 ? kinds.ids : null,
    owners: search.owners,
    repositories: filter.repository?.map((name) => name.toLowerCase()),
    as_of: search.endedSince === null ? search.asOf : null,
    merged_after: search.mergedAfter,
    merged_before: filter.merged_before,
    cutoff: filter.cutoff,
    ...range('sequence', search.sequence),
    ...range('fail_to_pass', search.failToPass),
    ...range('files', search.files),
    ...range('lines', search.lines),
    ...range('difficulty', search.difficulty),
    ...(model
      ? { attempts_min: filter.attempts_min, rate_min: filter.solve_rate_min, rate_max: filter.solve_rate_max }
      : {}),
    signal: filter.flag?.find(isSignal),
  }
  const told = Object.entries(narrowed).filter(([, value]) => value !== null && value !== undefined)
  return sql`quarry_listings_with_words(${filter.text}, ${JSON.stringify(Object.fromEntries(told))}::jsonb)`
}
