import { sql } from 'drizzle-orm'
import type { Tx } from './connect.ts'

/** Where the ids of grades are told as they come to be done. */
export const GRADE_CHANNEL = 'quarry_grades'

/** Tells whoever waits for a grade that it is done, once the transaction commits. */
export async function tellGradeDone(tx: Tx, id: string): Promise<void> {
  await tx.execute(sql`select pg_notify(${GRADE_CHANNEL}, ${id})`)
}
