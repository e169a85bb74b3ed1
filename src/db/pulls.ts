import { asc, eq, inArray } from 'drizzle-orm'
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
    issues: (await issuesOf(db, [pull.id])).get(pull.id) ?? [],
  }
}

/** The issues that pulls close, in each one's own order, as they stood when it was made; pulls that close none are left out. */
export async function issuesOf(db: Executor, pullIds: readonly number[]): Promise<ReadonlyMap<number, Issue[]>> {
  const rows = await db
    .select({ link: pullIssues, issue: issues })
    .from(pullIssues)
    .innerJoin(issues, eq(issues.id, pullIssues.issueId))
    .where(inArray(pullIssues.pullId, [...pullIds]))
    .orderBy(asc(pullIssues.position))
  const byPull = new Map<number, Issue[]>()
  for (const { link, issue } of rows) {
    const { pullId, title, body, comments } = link
    const user = issue.authorLogin === null ? null : { login: issue.authorLogin, type: 'User' }
    const one = { number: issue.number, title, body, created_at: issue.createdAt.toISOString(), user, comments }
    byPull.set(pullId, [...(byPull.get(pullId) ?? []), one])
  }
  return byPull
}
