import { and, desc, eq, sql } from 'drizzle-orm'
import { type CandidateContext, candidateAt, type SnapshotRow, snapshotOf } from '../db/candidates.ts'
import type { Db, Tx } from '../db/connect.ts'
import { takeSequences } from '../db/publications.ts'
import { attempts, candidates, environments, issues, publications, pullIssues, tasks } from '../db/schema.ts'
import { commitTree, type Mirror, openTree, pin, unpin } from '../git/index.ts'
import { languageOf } from '../languages/index.ts'
import { taskName } from '../model/index.ts'
import { compactNames } from '../test-runs/compact.ts'
import { statusBefore } from '../test-runs/compare.ts'
import { knownFlaky } from '../test-runs/known-flaky.ts'
import { compareStored, makeLists } from '../test-runs/lists.ts'
import { loadRuns } from '../test-runs/run-store.ts'
import { contentHash, environmentDigest } from './content-hash.ts'
import { licenceOf } from './licence.ts'

export interface PublishServices {
  readonly db: Db
  readonly withMirror: <T>(context: CandidateContext, work: (mirror: Mirror) => Promise<T>) => Promise<T>
  readonly coresPerRun: number
}

type NewTask = Omit<typeof tasks.$inferInsert, 'revision' | 'sequence'>

/** The last stage: an accepted candidate becomes an immutable task with a place in the publication sequence. */
export async function publishStage(services: PublishServices, candidateId: number): Promise<void> {
  const context = await candidateAt(services.db, candidateId, 'publish')
  if (context === null) return
  const started = Date.now()
  const snapshot = await snapshotOf(services.db, candidateId)
  if (snapshot === null) throw new Error(`candidate ${candidateId} came to its publication without a snapshot`)
  await services.withMirror(context, async (mirror) => {
    try {
      await keepTrees(mirror, context, snapshot)
      const licence = await licenceOf(await openTree(mirror, snapshot.baseTree))
      const task = { ...(await makeTask(services, context, snapshot)), licence }
      await services.db.transaction((tx) => publish(tx, context, task, (Date.now() - started) / 1000))
    } finally {
      if (await isRefused(services.db, candidateId)) await dropTrees(mirror, candidateId)
    }
  })
}

async function isRefused(db: Db, id: number): Promise<boolean> {
  return (await db.$count(candidates, and(eq(candidates.id, id), eq(candidates.state, 'refused')))) > 0
}

/** A live task's trees stay in the mirror whatever becomes of the branches they came from. */
async function keepTrees(mirror: Mirror, { candidate }: CandidateContext, snapshot: SnapshotRow): Promise<void> {
  for (const [state, tree] of [
    ['base', snapshot.baseTree],
    ['before', snapshot.beforeTree],
    ['after', snapshot.afterTree],
  ] as const) {
    await pin(mirror, `snapshots/${candidate.id}/${state}`, await commitTree(mirror, { tree, message: `${state}\n` }))
  }
}

/** Of a candidate that was erased while it was published. */
async function dropTrees(mirror: Mirror, candidateId: number): Promise<void> {
  for (const state of ['base', 'before', 'after']) await unpin(mirror, `snapshots/${candidateId}/${state}`)
}

async function makeTask(services: PublishServices, context: CandidateContext, snapshot: SnapshotRow): Promise<NewTask> {
  const { candidate, pull, repository } = context
  const { attempt, environment } = await attemptOf(services.db, context)
  const runs = await loadRuns(services.db, candidate.id, attempt.id)
  const compared = compareStored(runs)
  const lists = makeLists(compared, await knownFlaky(services.db, repository.id), snapshot.changes)
  if (lists.failToPass.length === 0)
    throw new Error(`candidate ${candidate.id} came to its publication without a FAIL_TO_PASS test`)
  const digest = environmentDigest({ layer: environment.layer, root: environment.root, strategy: attempt.strategy })
  const source = snapshot.changes.filter(({ kind }) => kind === 'source' || kind === 'mixed')
  return {
    installationId: candidate.installationId,
    repositoryId: repository.id,
    candidateId: candidate.id,
    snapshotId: snapshot.id,
    attemptId: attempt.id,
    environmentId: environment.id,
    name: taskName(repository.name, pull.number),
    repository: repository.name,
    pull: pull.number,
    miner: candidate.miner,
    contentHash: contentHash({ ...snapshot, ...lists, environment: digest }),
    ecosystem: attempt.strategy.ecosystem,
    language: mostOften(source.flatMap(({ path }) => languageOf(path) ?? [])) ?? 'unknown',
    frameworks: [...new Set(attempt.strategy.tests.map(({ framework }) => framework))],
    statement: snapshot.statement,
    failToPass: lists.failToPass,
    beforeStatuses: Object.fromEntries(lists.failToPass.map((test) => [test, statusBefore(compared.before, test)])),
    passToPass: compactNames(lists.passToPass),
    failToPassCount: lists.failToPass.length,
    passToPassCount: lists.passToPass.length,
    flaky: lists.flaky,
    flags: candidate.flags,
    filesChanged: source.length,
    linesChanged: changedLines(snapshot.fixPatch),
    afterSeconds: Math.max(...runs.filter(({ state }) => state === 'after').map(({ seconds }) => seconds)),
    cores: services.coresPerRun,
    visibility: repository.visibility,
    mergedAt: pull.mergedAt,
    statementAt: pull.createdAt,
    earliestAt: await earliestOf(services.db, pull),
  }
}

/** Of the pull, its first commit, the issues it closes and the merge. */
async function earliestOf(db: Db, pull: CandidateContext['pull']): Promise<Date> {
  const closed = await db
    .select({ createdAt: issues.createdAt })
    .from(pullIssues)
    .innerJoin(issues, eq(issues.id, pullIssues.issueId))
    .where(eq(pullIssues.pullId, pull.id))
  const known = [pull.mergedAt, pull.createdAt, pull.firstCommitAt, ...closed.map(({ createdAt }) => createdAt)]
  return new Date(Math.min(...known.flatMap((time) => (time === null ? [] : [time.getTime()]))))
}

async function attemptOf(db: Db, { candidate }: CandidateContext) {
  const [row] = await db
    .select({ attempt: attempts, environment: environments })
    .from(attempts)
    .innerJoin(environments, eq(environments.id, attempts.environmentId))
    .where(eq(attempts.id, candidate.attemptId ?? 0))
  if (row === undefined) throw new Error(`candidate ${candidate.id} came to its publication without an environment`)
  return row
}

/**
 * The candidate's step comes first: another delivery of the job waits for this commit, and then finds nothing to do.
 */
async function publish(tx: Tx, context: CandidateContext, task: NewTask, seconds: number): Promise<void> {
  const { candidate } = context
  const [decided] = await tx
    .update(candidates)
    .set({ state: 'vetted', decidedAt: sql`now()`, seconds: { ...candidate.seconds, publish: seconds } })
    .where(and(eq(candidates.id, candidate.id), eq(candidates.state, 'proposed')))
    .returning({ id: candidates.id })
  if (decided === undefined) return
  const sequence = await takeSequences(tx, 1)
  const [newest] = await tx
    .select({ revision: tasks.revision })
    .from(tasks)
    .where(and(eq(tasks.installationId, task.installationId ?? 0), eq(tasks.name, task.name)))
    .orderBy(desc(tasks.revision))
    .limit(1)
  const [published] = await tx
    .insert(tasks)
    .values({ ...task, revision: (newest?.revision ?? 0) + 1, sequence })
    .returning({ id: tasks.id })
  if (published === undefined) throw new Error('a published task came back without its row')
  await tx
    .insert(publications)
    .values({ sequence, installationId: task.installationId, taskId: published.id, event: 'published' })
}

function mostOften(names: readonly string[]): string | null {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))[0]?.[0] ?? null
}

function changedLines(patch: Buffer): number {
  return patch
    .toString('latin1')
    .split('\n')
    .filter((line) => /^[+-](?![+-]{2} )/.test(line)).length
}
