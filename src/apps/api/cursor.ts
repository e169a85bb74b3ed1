import { createHash } from 'node:crypto'
import { z } from 'zod'
import { wrongField } from './problem.ts'

/** Where the next page begins, for this query alone: a cursor of another one is refused. */
export function writeCursor(query: object, place: object): string {
  return Buffer.from(JSON.stringify([markOf(query, place), place])).toString('base64url')
}

/** The place that a cursor names; null where none is given. Throws a 400 where it is not one of this query's. */
export function readCursor<T extends z.ZodType>(
  cursor: string | undefined,
  query: object,
  place: T,
): z.output<T> | null {
  if (cursor === undefined) return null
  const read = z.tuple([z.string(), z.unknown()]).safeParse(parsed(cursor))
  const isOfThis = read.success && read.data[0] === markOf(query, read.data[1])
  const found = isOfThis ? place.safeParse(read.data[1]) : null
  if (found?.success === true) return found.data
  throw wrongField(
    'cursor',
    'is none of this query',
    'give `next_cursor` of the page before, with the same other parameters',
  )
}

function parsed(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch {
    return null
  }
}

/** The same for the same query, in whatever order its parameters stand. */
function markOf(query: object, place: unknown): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined)
  return createHash('sha256')
    .update(JSON.stringify([given.sort(), place]))
    .digest('base64url')
    .slice(0, 12)
}
