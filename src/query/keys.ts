import { type SQL, sql } from 'drizzle-orm'
import type { Tx } from '../db/connect.ts'
import { all, anchorsOf, conditionsOf } from './conditions.ts'
import { isAfter, type Order, orderBy, type Position } from './order.ts'
import type { Range, Search } from './search.ts'

/** A task that was found, with its place in the sort. */
export interface Key extends Position {
  readonly id: number
}

/** Rows that a first walk looks at, and the most that a second one does: some milliseconds, and some tens of them. */
const FIRST_WALK = 2000
const LONGEST_WALK = 30_000
/** A row whose words are looked at costs ten times as much. */
const LONGEST_WALK_FOR_WORDS = 8000
/** A walk is given some more rows than it needs on average. */
const MARGIN = 1.25

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
  page: { readonly after: Position | null; readonly count: number },
): Promise<Key[]> {
  if (search.isEmpty) return []
  const most = Math.max(search.filter.text === undefined ? LONGEST_WALK : LONGEST_WALK_FOR_WORDS, page.count * 4)
  if (isWorthAWalk(search, most, page.count)) {
    const first = Math.max(FIRST_WALK, page.count * 2)
    const found = await walk(tx, search, order, { ...page, rows: first })
    if (found.length === page.count) return found
    const needed = Math.ceil((first * page.count * MARGIN) / Math.max(found.length, 1))
    if (needed <= most) {
      const more = await walk(tx, search, order, { ...page, rows: needed })
      if (more.length === page.count) return more
    }
  }
  return gather(tx, search, order, page)
}

/** Not where its kinds are so rare that the longest walk would not do. Publications are at least as many as listings. */
function isWorthAWalk({ kinds, asOf, endedSince }: Search, most: number, count: number): boolean {
  if (endedSince !== null) return false
  return kinds === null || (kinds.listings / Math.max(asOf, 1)) * most >= count
}

interface Walk {
  readonly after: Position | null
  readonly count: number
  readonly rows: number
}

function walk(tx: Tx, search: Search, order: Order, { after, count, rows }: Walk): Promise<Key[]> {
  const index = orderBy(order, { computed: false })
  const walked = sql`select * from ${order.rows(sql`listings`)}
    where ${all([isAfter(order, after), order.condition, ...anchorsOf(search)])} order by ${index} limit ${rows}`
  return keysOf(
    tx,
    sql`${shownKey(order)} from (${walked}) listing where ${conditionsOf(search, { indexed: false })} order by ${index} limit ${count}`,
  )
}

function gather(tx: Tx, search: Search, order: Order, page: { after: Position | null; count: number }): Promise<Key[]> {
  const matching = all([isAfter(order, page.after), order.condition, conditionsOf(search, { indexed: true })])
  return keysOf(
    tx,
    sql`${shownKey(order)} from ${order.rows(sourceOf(search))} where ${matching} order by ${orderBy(order, { computed: true })} limit ${page.count}`,
  )
}

function shownKey({ value, tie }: Order): SQL {
  return sql`select listing.task_id::float8 as id, ${tie}::float8 as tie, ${value === null ? sql`null` : value.shown} as value`
}

async function keysOf(tx: Tx, query: SQL): Promise<Key[]> {
  const { rows } = await tx.execute<{ id: number; tie: number; value: string | number | null }>(query)
  return rows.map(({ id, tie, value }) => ({ id, tie, value }))
}

/** What a search reads where it goes by the indexes of what was asked. Words are searched by a function that row-level security keeps no index from. */
export function sourceOf(search: Search): SQL {
  const { filter, kinds, owners } = search
  if (filter.text === undefined) return sql`listings`
  const ids = kinds !== null && kinds.ids.length <= 512 ? kinds.ids : null
  const sizes = [search.failToPass, search.files, search.lines, search.difficulty].map(rangeOf)
  const time = (given: Date | null | undefined) => given?.toISOString() ?? null
  return sql`quarry_listings_with_words(${filter.text}, ${sql.param(ids)}::int[], ${sql.param(owners)}::text[],
    ${sql.param(filter.repository?.map((name) => name.toLowerCase()) ?? null)}::text[],
    int8range(${search.sequence.min}::bigint, ${search.sequence.max}::bigint, '[]'),
    tstzrange(${time(search.mergedAfter)}::timestamptz, ${time(filter.merged_before)}::timestamptz),
    ${time(filter.cutoff)}::timestamptz, ${sql.param(sizes)}::int4range[])`
}

function rangeOf({ min, max }: Range): string | null {
  return min === null && max === null ? null : `[${min ?? ''},${max ?? ''}]`
}
