import { asCaller, type Seeing } from '../db/as-caller.ts'
import type { Db, Tx } from '../db/connect.ts'
import { type Cursor, foreignCursor, readCursor, writeCursor } from './cursor.ts'
import type { TaskQuery } from './filter.ts'
import { findKeys } from './keys.ts'
import { fits, type Order, ordersOf } from './order.ts'
import { type FoundKey, findRows, type KeyReader, readKeys, readTasks, type Wanted } from './rows.ts'
import { prepareSearch, type Search } from './search.ts'
import type { FoundTask, TaskPage } from './types.ts'

/** A query on its way through its pages. */
interface Walk {
  readonly search: Search
  readonly orders: readonly Order[]
  readonly wanted: Wanted
}

/** Where the next tasks are to be found; null: there are none. */
type Place = Pick<Cursor, 'order'> & { readonly after: Cursor['after'] | null }

interface PlacedKey extends FoundKey {
  readonly order: number
}

/**
 * One page of the tasks that match. All pages of one query show the set as of the sequence of the first: each task comes once, whatever is
 * published, ended or replaced meanwhile. Solve rates are as they are when a page is made. Inside `asCaller`. Throws `RefusedQuery`.
 */
export async function findPage(tx: Tx, caller: Seeing, query: TaskQuery): Promise<TaskPage> {
  const cursor = query.cursor === undefined ? null : readCursor(query, query.cursor)
  const walk = await begin(tx, caller, query, cursor?.asOf ?? query.as_of)
  const keys = await nextKeys(tx, walk, placeOf(walk, cursor), { count: query.limit + 1, read: readTasks(walk.wanted) })
  const last = keys.length > query.limit ? keys[query.limit - 1] : undefined
  return {
    tasks: keys.slice(0, query.limit).flatMap(({ task }) => task ?? []),
    nextCursor: last === undefined ? null : writeCursor(query, cursorAt(walk, last)),
    asOf: walk.search.asOf,
  }
}

/** Tasks looked for at once, and those of them that are read at once. */
const KEYS = 5000
const ROWS = 1000

/**
 * All tasks that match, from the query's cursor on; its `limit` plays no part. Each read is a short transaction of its own, one ahead of the reader: a slow
 * one holds nothing open, and at most 2000 tasks are in memory. The set is as of when it began. Throws `RefusedQuery` at the first step.
 */
export async function* streamTasks(db: Db, caller: Seeing, query: TaskQuery): AsyncGenerator<FoundTask, void> {
  yield* (await openTasks(db, caller, query)).tasks
}

/** The same, once its first tasks are read and it is known as of when it is. Throws `RefusedQuery`, and what the database does. */
export async function openTasks(
  db: Db,
  caller: Seeing,
  query: TaskQuery,
): Promise<{ readonly asOf: number; readonly tasks: AsyncGenerator<FoundTask, void> }> {
  const read = (left: Left | null) => readChunk(db, caller, query, left)
  const first = await read(null)
  return { asOf: first.asOf, tasks: fromChunk(first, read) }
}

interface Chunk {
  readonly tasks: readonly FoundTask[]
  readonly asOf: number
  /** Null: there are no more. */
  readonly next: Left | null
}

async function* fromChunk(first: Chunk, read: (left: Left) => Promise<Chunk>): AsyncGenerator<FoundTask, void> {
  let chunk = first
  for (;;) {
    const pending = chunk.next === null ? null : settled(read(chunk.next))
    try {
      yield* chunk.tasks
    } finally {
      // A reader that goes leaves no transaction behind.
      await pending
    }
    if (pending === null) return
    chunk = await taken(pending)
  }
}

interface Left {
  readonly walk: Walk
  /** Found, and not read yet. */
  readonly keys: readonly PlacedKey[]
  /** Null: there are no more. */
  readonly place: Place | null
}

async function readChunk(db: Db, caller: Seeing, query: TaskQuery, left: Left | null): Promise<Chunk> {
  return asCaller(db, caller, async (tx) => {
    const { walk, keys, place } = left ?? (await firstKeys(tx, caller, query))
    const all = keys.length > 0 || place === null ? { keys, place } : await moreKeys(tx, walk, place)
    const now = all.keys.slice(0, ROWS)
    const rest = { walk, keys: all.keys.slice(ROWS), place: all.place }
    const tasks = await findRows(
      tx,
      now.map(({ id }) => id),
      walk.wanted,
    )
    return { tasks, asOf: walk.search.asOf, next: rest.keys.length === 0 && rest.place === null ? null : rest }
  })
}

async function firstKeys(tx: Tx, caller: Seeing, query: TaskQuery): Promise<Left> {
  const cursor = query.cursor === undefined ? null : readCursor(query, query.cursor)
  const walk = await begin(tx, caller, query, cursor?.asOf ?? query.as_of)
  return { walk, ...(await moreKeys(tx, walk, placeOf(walk, cursor))) }
}

async function moreKeys(tx: Tx, walk: Walk, place: Place): Promise<Omit<Left, 'walk'>> {
  const keys = await nextKeys(tx, walk, place, { count: KEYS, read: readKeys })
  const last = keys.at(-1)
  return { keys, place: last === undefined || keys.length < KEYS ? null : { order: last.order, after: last } }
}

type Settled<T> = { readonly value: T } | { readonly error: unknown }

/** A failure waits until somebody asks for it. */
const settled = <T>(promise: Promise<T>): Promise<Settled<T>> =>
  promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )

async function taken<T>(pending: Promise<Settled<T>>): Promise<T> {
  const outcome = await pending
  if ('error' in outcome) throw outcome.error
  return outcome.value
}

async function begin(tx: Tx, caller: Seeing, query: TaskQuery, asOf: number | Date | undefined): Promise<Walk> {
  const { sort, fields, as_of, ended_since, limit: _limit, cursor: _cursor, ...filter } = query
  const search = await prepareSearch(tx, caller, filter, { asOf, endedSince: ended_since })
  const rated = as_of === undefined && (fields === undefined || fields.includes('solve_rate'))
  return {
    search,
    orders: ordersOf(sort, filter),
    wanted: { statement: fields?.includes('statement') ?? false, model: rated ? (filter.model ?? '') : null },
  }
}

function placeOf({ orders }: Walk, cursor: Cursor | null): Place {
  if (cursor === null) return { order: 0, after: null }
  const order = orders[cursor.order]
  if (order === undefined || !fits(order, cursor.after)) throw foreignCursor()
  return cursor
}

function cursorAt({ search }: Walk, { order, value, tie }: PlacedKey): Cursor {
  return { asOf: search.asOf, order, after: { value, tie } }
}

/** Through the sort's orders, until there are enough. */
async function nextKeys(
  tx: Tx,
  { search, orders }: Walk,
  place: Place,
  { count, read }: { readonly count: number; readonly read: KeyReader },
): Promise<PlacedKey[]> {
  const found: PlacedKey[] = []
  let after = place.after
  for (let order = place.order; order < orders.length && found.length < count; order += 1) {
    const now = orders[order]
    if (now === undefined) break
    const keys = await findKeys(tx, search, now, { after, count: count - found.length, read })
    found.push(...keys.map((key) => ({ ...key, order })))
    after = null
  }
  return found
}
