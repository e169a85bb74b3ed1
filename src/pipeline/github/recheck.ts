import { and, asc, eq, gt, inArray, isNotNull, ne, or } from 'drizzle-orm'
import type { Db } from '../../db/connect.ts'
import { issuesOf } from '../../db/pulls.ts'
import { candidates, pulls } from '../../db/schema.ts'
import type { Issue, PullLine } from '../../model/index.ts'
import type { OpenRepository } from './take-in-pulls.ts'

const BATCH = 200

/**
 * Looks at a repository's known pulls once more, by its history as it is now: fixes that were taken back are retired, those that stand
 * again come back. GitHub is asked nothing.
 */
export async function recheckKnown(db: Db, open: OpenRepository): Promise<void> {
  for (let after = 0; ; ) {
    const rows = await knownPulls(db, open.row.id, after)
    if (rows.length === 0) return
    const told = await issuesOf(
      db,
      rows.map(({ id }) => id),
    )
    for (const source of new Set(rows.map((row) => row.source))) {
      const lines = rows.filter((row) => row.source === source).map((row) => lineOf(row, told.get(row.id)))
      await open.seeAgain(lines, source)
    }
    after = rows.at(-1)?.number ?? after
  }
}

/** Pulls that are worked on, are tasks, or were refused because they had been taken back. */
async function knownPulls(db: Db, repositoryId: number, after: number): Promise<(typeof pulls.$inferSelect)[]> {
  const isConcerned = db
    .select({ id: candidates.pullId })
    .from(candidates)
    .where(
      and(
        eq(candidates.repositoryId, repositoryId),
        or(ne(candidates.state, 'refused'), eq(candidates.reason, 'later-reverted')),
      ),
    )
  return db
    .select()
    .from(pulls)
    .where(
      and(
        eq(pulls.repositoryId, repositoryId),
        gt(pulls.number, after),
        isNotNull(pulls.mergeCommit),
        inArray(pulls.id, isConcerned),
      ),
    )
    .orderBy(asc(pulls.number))
    .limit(BATCH)
}

function lineOf(row: typeof pulls.$inferSelect, closed: readonly Issue[] | undefined): PullLine {
  const { number, title, body, createdAt, mergedAt, mergeCommit, baseRef, head, authorLogin, authorType } = row
  return {
    ...{ number, title, body, merge_commit_sha: mergeCommit },
    created_at: createdAt?.toISOString() ?? null,
    merged_at: mergedAt?.toISOString() ?? null,
    base: baseRef === null ? null : { ref: baseRef },
    head: { sha: head },
    user: authorLogin === null ? null : { login: authorLogin, type: authorType ?? 'User' },
    labels: row.labels.map((name) => ({ name })),
    ...(closed === undefined ? {} : { issues: [...closed] }),
  }
}
