import { sql } from 'drizzle-orm'
import type { Db } from '../db/connect.ts'

/**
 * Lets go of the logs of candidates that were refused before a time: their rows name none any more, and the ledger's evidence says
 * since when. The blobs themselves go as what nothing names. Gives of how many candidates.
 */
export async function forgetOldLogs(db: Db, before: Date): Promise<number> {
  const old = sql`(select id from candidates where state = 'refused' and decided_at < ${before.toISOString()})`
  return db.transaction(async (tx) => {
    const runs = await tx.execute<{ id: string }>(
      sql`update runs set log = null where log is not null and candidate_id in ${old} returning candidate_id as id`,
    )
    // Failed environments are kept, so that they are not tried again; their logs go with the last candidate that is not old.
    await tx.execute(sql`
      update environments e set log = null where log is not null and state = 'failed' and used_at < ${before.toISOString()}
        and not exists (select 1 from attempts a where a.environment_id = e.id and a.candidate_id not in ${old})`)
    const attempts = await tx.execute<{ id: string }>(
      sql`update attempts set log = null where log is not null and candidate_id in ${old} returning candidate_id as id`,
    )
    await tx.execute(sql`
      update candidates set evidence = (evidence - 'log') || jsonb_build_object('log_removed', now())
      where evidence ? 'log' and evidence->>'log' is not null and id in ${old}`)
    return new Set([...runs.rows, ...attempts.rows].map(({ id }) => id)).size
  })
}
