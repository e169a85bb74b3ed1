import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'
import { z } from 'zod'

/** Where the next page of a query begins, as JSON. Opaque to who gets it; sealed by a hash of the query and the place. */
export function sealCursor(query: object, place: unknown): string {
  return Buffer.from(JSON.stringify([hashOf(query, place), place])).toString('base64url')
}

/** The place that a cursor names; null where it is none of this query's, or of an earlier make. */
export function openCursor<T extends z.ZodType>(query: object, cursor: string, place: T): z.output<T> | null {
  const read = sealedSchema.safeParse(parsed(cursor))
  if (!read.success) return null
  const [hash, stated] = read.data
  if (hash !== hashOf(query, stated)) return null
  const found = place.safeParse(stated)
  return found.success ? found.data : null
}

const sealedSchema = z.tuple([z.string(), z.unknown()])

function parsed(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    return null
  }
}

/** The same for the same query, in whatever order its parameters stand. */
function hashOf(query: object, place: unknown): string {
  // Through JSON: times become text, and what was not asked is not there.
  const asked: unknown = JSON.parse(JSON.stringify(query))
  // A place comes back in the order in which it was written, and one that somebody made up may hold what has no canonical form.
  return createHash('sha256')
    .update(canonicalize(asked) ?? '')
    .update(JSON.stringify([place]))
    .digest('base64url')
    .slice(0, 22)
}
