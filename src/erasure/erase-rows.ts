import { and, eq, inArray, isNull, ne, notInArray, type SQL, sql } from 'drizzle-orm'
import type { AnyPgColumn } from 'drizzle-orm/pg-core'
import type { Tx } from '../db/connect.ts'
import { tellGradeDone } from '../db/grade-channel.ts'
import {
  attempts,
  candidates,
  deliveries,
  environments,
  flakyTests,
  type GradeResult,
  grades,
  issues,
  learnedStrategies,
  pullIssues,
  pulls,
  repositories,
  runs,
  snapshotArchives,
  snapshots,
  tasks,
  verdicts,
} from '../db/schema.ts'
import { compactNames } from '../test-runs/compact.ts'
import { candidatesIn, pullsIn, type RetirementReason, type Scope, tasksIn } from './scope.ts'
import { environmentsIn, isUnusedEnvironment } from './suspects.ts'

/**
 * Locks the scope's candidates and ends them: a stage that is at one of them waits, and then finds that it must not write. Gives how
 * many there are.
 */
export async function endCandidates(tx: Tx, scope: Scope, reason: RetirementReason): Promise<number[]> {
  const rows = await tx.execute<{ id: string }>(
    sql`select id from candidates where id in ${candidatesIn(scope)} order by id for update`,
  )
  await tx
    .update(candidates)
    .set({
      state: 'refused',
      stage: 'intake',
      reason: 'not-consented',
      evidence: sql`jsonb_build_object('forgotten', now(), 'why', ${reason}::text)`,
      flags: [],
      baseCommit: null,
      attemptId: null,
      decidedAt: sql`now()`,
    })
    .where(and(inSubquery(candidates.id, candidatesIn(scope)), sql`not ${candidates.evidence} ? 'forgotten'`))
  return rows.rows.map(({ id }) => Number(id))
}

const nothing = { title: '', issue: '', hints: '' }
const noResult: GradeResult = {
  failToPass: { passed: [], failed: [] },
  passToPass: { passed: 0, failed: [] },
  run: null,
  detail: null,
}
const erasedBefore: GradeResult = { ...noResult, detail: 'the task was erased before it was graded' }

/** Tasks become tombstones; of their grades the verdicts stay. Who asks for a grade, or stores one, locks the task first, too. */
export async function emptyTasks(tx: Tx, scope: Scope): Promise<void> {
  const which = and(tasksIn(scope), isNull(tasks.erasedAt))
  await tx
    .update(tasks)
    .set({
      snapshotId: null,
      attemptId: null,
      environmentId: null,
      statement: nothing,
      failToPass: [],
      beforeStatuses: {},
      passToPass: compactNames([]),
      flaky: [],
      erasedAt: sql`now()`,
    })
    .where(which)
  await tx.delete(snapshotArchives).where(inArray(snapshotArchives.taskId, taskIdsIn(tx, scope)))
  await emptyGrades(tx, scope)
}

const taskIdsIn = (tx: Tx, scope: Scope) => tx.select({ id: tasks.id }).from(tasks).where(tasksIn(scope))

/** Those that were not done end, without a reward; their jobs find nothing to do. */
async function emptyGrades(tx: Tx, scope: Scope): Promise<void> {
  const ofScope = inArray(grades.taskId, taskIdsIn(tx, scope))
  const emptied = { patch: Buffer.alloc(0), shared: false, log: null }
  const endedBefore = sql`${grades.result}->>'detail' is distinct from ${erasedBefore.detail}`
  await tx
    .update(grades)
    .set({ ...emptied, result: noResult })
    .where(and(ofScope, eq(grades.state, 'done'), endedBefore))
  const ended = await tx
    .update(grades)
    .set({
      ...emptied,
      state: 'done',
      verdict: 'fault',
      result: erasedBefore,
      job: null,
      seconds: 0,
      endedAt: sql`now()`,
    })
    .where(and(ofScope, ne(grades.state, 'done')))
    .returning({ id: grades.id })
  for (const { id } of ended) await tellGradeDone(tx, id)
}

/** Everything that the stages wrote. After `emptyTasks`, which points at it. */
export async function removeWork(tx: Tx, scope: Scope): Promise<void> {
  const ours = candidatesIn(scope)
  const tried = await tx.select({ id: environments.id }).from(environments).where(environmentsIn(scope))
  for (const table of [runs, verdicts, attempts, snapshots])
    await tx.delete(table).where(inSubquery(table.candidateId, ours))
  await tx
    .delete(flakyTests)
    .where(
      scope.pull === null ? eq(flakyTests.repositoryId, scope.repositoryId) : inSubquery(flakyTests.candidateId, ours),
    )
  // What an erased pull taught of the whole repository is none of the pull's, but with the repository it goes.
  if (scope.pull === null)
    await tx.delete(learnedStrategies).where(eq(learnedStrategies.repositoryId, scope.repositoryId))
  await removeEnvironments(
    tx,
    tried.map(({ id }) => id),
    scope,
  )
}

/** One that others of the owner share stays, without what this repository's install printed. */
async function removeEnvironments(tx: Tx, ids: readonly number[], scope: Scope): Promise<void> {
  const chunk = 5000
  for (let at = 0; at < ids.length; at += chunk) {
    const some = inArray(environments.id, ids.slice(at, at + chunk))
    await tx.delete(environments).where(and(some, isUnusedEnvironment))
    await tx
      .update(environments)
      .set({ log: null, evidence: {}, repositoryId: null })
      .where(and(some, eq(environments.repositoryId, scope.repositoryId), eq(environments.state, 'built')))
  }
}

/**
 * What GitHub told of the scope and nobody could work on: parked deliveries keep what they said. Newer ones are still to be heard; the next
 * sweep takes those of them that stay. Not those that may ask to erase more.
 */
export async function emptyDeliveries(tx: Tx, { repositoryId, pull }: Scope): Promise<void> {
  await tx
    .update(deliveries)
    .set({ state: 'done', payload: null, doneAt: sql`now()` })
    .where(
      and(
        eq(deliveries.state, 'waiting'),
        sql`${deliveries.receivedAt} < now() - interval '1 hour'`,
        notInArray(deliveries.event, ['issue_comment', 'issues']),
        sql`(${deliveries.repository}, ${deliveries.installation}) = (select ${repositories.forgeId}, ${repositories.installationId}::text
          from ${repositories} where ${repositories.id} = ${repositoryId})`,
        pull === null ? undefined : eq(deliveries.number, pull),
      ),
    )
}

/** Pulls keep their number and times; issues that no other pull closes go. */
export async function emptyPulls(tx: Tx, scope: Scope): Promise<void> {
  await tx.delete(pullIssues).where(inSubquery(pullIssues.pullId, pullsIn(scope)))
  await tx
    .delete(issues)
    .where(
      and(
        eq(issues.repositoryId, scope.repositoryId),
        sql`not exists (select 1 from ${pullIssues} where ${pullIssues.issueId} = ${issues.id})`,
      ),
    )
  await tx
    .update(pulls)
    .set({
      title: '',
      body: '',
      mergeCommit: null,
      baseRef: null,
      head: null,
      authorLogin: null,
      authorType: null,
      labels: [],
      closes: [],
    })
    .where(inSubquery(pulls.id, pullsIn(scope)))
}

const inSubquery = (column: AnyPgColumn, subquery: SQL): SQL => sql`${column} in ${subquery}`
