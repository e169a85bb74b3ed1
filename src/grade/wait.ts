import type { Db } from '../db/connect.ts'
import type { Listener } from '../db/listen.ts'
import { type FoundGrade, findGrade } from './find.ts'

/** What is told may be missed (a connection that broke unseen): so often it is looked, told or not. */
const LOOK_MS = 5000

const isOpen = (found: FoundGrade | null): found is FoundGrade => found !== null && found.grade.state !== 'done'

/**
 * A grade once it is done, or as it was last seen when the signal aborts; null where there is none for this realm. However many wait,
 * they share the listener's connection, and ask the database when there is something to see.
 */
export async function waitForGrade(
  db: Db,
  listener: Listener,
  { realm, request }: { readonly realm: string; readonly request: string },
  signal: AbortSignal,
): Promise<FoundGrade | null> {
  let found = await findGrade(db, realm, request)
  while (isOpen(found) && !signal.aborted) {
    const seen = new AbortController()
    const heard = listener.heard(found.grade.id, AbortSignal.any([signal, seen.signal, AbortSignal.timeout(LOOK_MS)]))
    // What was told between the last look and now, nobody heard.
    found = await findGrade(db, realm, request)
    if (isOpen(found)) await heard
    else seen.abort()
  }
  return found
}
