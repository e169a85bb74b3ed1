import { z } from 'zod'
import type { TaskQuery } from './filter.ts'
import type { Position } from './order.ts'
import { RefusedQuery } from './refused.ts'
import { openCursor, sealCursor } from './sealed-cursor.ts'

/** Where the next page begins, and the sequence that all pages of one query show. */
export interface Cursor {
  readonly asOf: number
  /** Which of the sort's orders the position is in. */
  readonly order: number
  readonly after: Position
}

const placeSchema = z.tuple([
  z.int().min(0),
  z.int().min(0),
  z.union([z.string(), z.number(), z.null()]),
  z.int().min(0),
])

/** How many tasks a page has, and their keys, may change from page to page. */
export function writeCursor(query: TaskQuery, { asOf, order, after }: Cursor): string {
  return sealCursor(bound(query), [asOf, order, after.value, after.tie])
}

/** Throws `RefusedQuery` where it is none of this query's. */
export function readCursor(query: TaskQuery, cursor: string): Cursor {
  const place = openCursor(bound(query), cursor, placeSchema)
  if (place === null) throw foreignCursor()
  const [asOf, order, value, tie] = place
  return { asOf, order, after: { value, tie } }
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

function bound({ cursor: _cursor, limit: _limit, fields: _fields, ...query }: TaskQuery): object {
  return query
}
