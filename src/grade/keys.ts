import { and, isNotNull, lt } from 'drizzle-orm'
import type { Db } from '../db/connect.ts'
import { gradeRequests } from '../db/schema.ts'

/** How long the same request for grades, sent again with its key, is known. */
const KEY_DAYS = 30

/** Lets go of the keys of requests that nobody sends again any more; what they asked for stays. Gives how many requests had one. */
export async function forgetGradeKeys(db: Db): Promise<number> {
  const before = new Date(Date.now() - KEY_DAYS * 24 * 3600 * 1000)
  const { rowCount } = await db
    .update(gradeRequests)
    .set({ idempotencyKey: null, bodyDigest: null })
    .where(and(isNotNull(gradeRequests.idempotencyKey), lt(gradeRequests.createdAt, before)))
  return rowCount ?? 0
}
