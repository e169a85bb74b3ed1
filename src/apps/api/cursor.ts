import type { z } from 'zod'
import { openCursor } from '../../query/sealed-cursor.ts'
import { wrongField } from './problem.ts'

export { sealCursor as writeCursor } from '../../query/sealed-cursor.ts'

/** The place that a cursor names; null where none is given. Throws a 400 where it is not one of this query's. */
export function readCursor<T extends z.ZodType>(
  cursor: string | undefined,
  query: object,
  place: T,
): z.output<T> | null {
  if (cursor === undefined) return null
  const found = openCursor(query, cursor, place)
  if (found !== null) return found
  throw wrongField(
    'cursor',
    'is none of this query',
    'give `next_cursor` of the page before, with the same other parameters',
  )
}
