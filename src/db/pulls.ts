import { asc, eq } from 'drizzle-orm'
import type { Issue, MergedPull } from '../model/index.ts'
import type { PullRow } from './candidates.ts'
import type { Executor } from './connect.ts'
import { issues, pullIssues } from './schema.ts'

/** A stored pull with its issues, as the stages take it. */
export async function mergedPull(db: Executor, pull: PullRow): Promise<MergedPull> {
  return {
    number: pull.number,
    title: pull.title,
    body: pull.body,
    createdAt: pull.createdAt,
    mergedAt: pull.mergedAt,
    mergeCommit: pull.mergeCommit,
    baseRef: pull.baseRef,
    head: pull.head,
    user: pull.authorLogin === null ? null : { login: pull.authorLogin, type: pull.authorType ?? 'User' },
    labels: pull.labels,
    closes: pull.closes,
    source: pull.source,
    issues: await issuesOf(db, pull.id),
  }
}

/** The issues that a pull closes, in its own order. */
async function issuesOf(db: Executor, pullId: number): Promise<Issue[]> {
  const rows = await db
    .select({ issue: issues })
    .from(pullIssues)
    .innerJoin(issues, eq(issues.id, pullIssues.issueId))
    .where(eq(pullIssues.pullId, pullId))
    .orderBy(asc(pullIssues.position))
  return rows.map(({ issue }) => ({
    number: issue.number,
    title: issue.title,
    body: issue.body,
    created_at: issue.createdAt.toISOString(),
    user: issue.authorLogin === null ? null : { login: issue.authorLogin, type: 'User' },
    comments: issue.comments,
  }))
}
