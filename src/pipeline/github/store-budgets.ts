import { sql } from 'drizzle-orm'
import type { Db } from '../../db/connect.ts'
import { githubBudgets } from '../../db/schema.ts'
import { messageOf } from '../../errors.ts'
import type { GitHubAccess } from '../../github/index.ts'
import type { Log } from '../../log.ts'
import { repeatedly, type Watch } from '../repeatedly.ts'

/** A backfill learns more with every answer: one row each so often is enough. */
const EVERY_MS = 10_000

/** Stores what GitHub tells this process of its budgets, every few seconds and at the end. */
export function watchBudgets(db: Db, github: Pick<GitHubAccess, 'budgets'>, log: Log): Watch {
  let storedUntil = 0
  const store = async () => {
    const until = Date.now()
    await storeBudgets(db, github, storedUntil)
    storedUntil = until
  }
  const watch = repeatedly(EVERY_MS, log, store)
  return {
    async stop() {
      await watch.stop()
      // The database may be what ends this process.
      await store().catch((error: unknown) => log.warn({ error: messageOf(error) }, "GitHub's budgets were not stored"))
    },
  }
}

/** Stores what was told since `since` (milliseconds); of what several processes were told the newest stays. */
export async function storeBudgets(db: Db, github: Pick<GitHubAccess, 'budgets'>, since: number): Promise<void> {
  const told = [...github.budgets()].flatMap(([installationId, resources]) =>
    [...resources].map(([resource, left]) => ({ installationId, resource, ...left })),
  )
  const rows = told
    .filter(({ toldAt }) => toldAt >= since)
    .map((row) => ({ ...row, resetsAt: new Date(row.resetsAt), toldAt: new Date(row.toldAt) }))
  if (rows.length === 0) return
  await db
    .insert(githubBudgets)
    .values(rows)
    .onConflictDoUpdate({
      target: [githubBudgets.installationId, githubBudgets.resource],
      set: {
        limit: sql`excluded."limit"`,
        remaining: sql`excluded.remaining`,
        resetsAt: sql`excluded.resets_at`,
        toldAt: sql`excluded.told_at`,
      },
      setWhere: sql`${githubBudgets.toldAt} <= excluded.told_at`,
    })
}
