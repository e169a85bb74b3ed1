import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'
import { z } from 'zod'
import type { TaskQuery } from './filter.ts'
import type { Position } from './order.ts'
import { RefusedQuery } from './refused.ts'

/** Where the next page begins, and the sequence that all pages of one query show. */
export interface Cursor {
  readonly asOf: number
  /** Which of the sort's orders the position is in. */
  readonly order: number
  readonly after: Position
}

const cursorSchema = z.tuple([
  z.string(),
  z.int().min(0),
  z.int().min(0),
  z.union([z.string(), z.number(), z.null()]),
  z.int().min(0),
])

/** Opaque; bound to its query by a hash, that of another query is refused. How many tasks a page has, and their keys, may change. */
export function writeCursor(query: TaskQuery, { asOf, order, after }: Cursor): string {
  const place = [asOf, order, after.value, after.tie]
  return Buffer.from(JSON.stringify([hashOf(query, place), ...place])).toString('base64url')
}

/** Throws `RefusedQuery` where it is none of this query's. */
export function readCursor(query: TaskQuery, cursor: string): Cursor {
  const read = cursorSchema.safeParse(parsed(cursor))
  if (read.success) {
    const [hash, asOf, order, value, tie] = read.data
    if (hash === hashOf(query, [asOf, order, value, tie])) return { asOf, order, after: { value, tie } }
  }
  throw foreignCursor()
}

export function foreignCursor(): RefusedQuery {
  return new RefusedQuery([
    {
      field: 'cursor',
      problem: 'is none of this query',
      mend: 'give the next_cursor of the page before, with the same filter, sort and as_of; or none, to begin anew',
    },
  ])
}

function parsed(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    return null
  }
}

function hashOf({ cursor: _cursor, limit: _limit, fields: _fields, ...query }: TaskQuery, place: readonly unknown[]) {
  // Through JSON: times become text, and what was not asked is not there.
  const asked: unknown = JSON.parse(JSON.stringify(query))
  return createHash('sha256')
    .update(canonicalize([asked, place]) ?? '')
    .digest('base64url')
    .slice(0, 22)
}
