import { sql } from 'drizzle-orm'
import type { Db } from '../db/connect.ts'

const FOREIGN_KEY = '23503'
const mostTries = 5

/** Removes the lists of test names that no run has any more; gives how many. */
export async function removeUnusedNames(db: Db): Promise<number> {
  for (let tries = 1; ; tries += 1) {
    try {
      const gone = await db.execute(
        sql`delete from test_names n where not exists (select 1 from runs r where r.names_digest = n.digest)`,
      )
      return gone.rowCount ?? 0
    } catch (error) {
      // A run with some of these names was stored meanwhile.
      if (tries === mostTries || !isForeignKey(error)) throw error
    }
  }
}

function isForeignKey(error: unknown): boolean {
  const cause = error instanceof Error ? (error.cause ?? error) : error
  return cause instanceof Error && 'code' in cause && cause.code === FOREIGN_KEY
}
