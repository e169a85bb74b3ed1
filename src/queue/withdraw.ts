import { type SQL, sql } from 'drizzle-orm'
import type { Tx } from '../db/connect.ts'

/**
 * Cancels the jobs of these keys (a subquery), parked ones included, and forgets what their attempts threw: an error's text can
 * quote what a repository holds. One that runs goes on to its end, which is noted nowhere.
 */
export async function withdrawJobs(tx: Tx, keys: SQL): Promise<void> {
  const { rows } = await tx.execute(sql`select to_regclass('pgboss.job') as present`)
  // Where nothing was ever queued, pg-boss has made no table yet.
  if (rows[0]?.present == null) return
  await tx.execute(sql`
    update pgboss.job set output = null, source_output = null, completed_on = coalesce(completed_on, now()),
      state = case when state < 'completed' then 'cancelled' else state end
    where singleton_key in ${keys}`)
}
