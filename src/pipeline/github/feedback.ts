import { and, eq, gt, inArray, isNull, sql } from 'drizzle-orm'
import type { CandidateRow, RepositoryRow } from '../../db/candidates.ts'
import type { Db, Executor } from '../../db/connect.ts'
import { candidates, installations, pulls, repositories, tasks } from '../../db/schema.ts'
import { type CandidateOutcome, type CheckRun, checkRunFor } from '../../feedback/index.ts'
import { asFault, type GitHubAccess, isNotThere } from '../../github/index.ts'
import type { Queue } from '../../queue/types.ts'
import type { Jobs } from '../jobs.ts'
import { mayBeMined } from './consent.ts'
import { addressOf } from './take-in-pulls.ts'

/** Decided candidates of live events whose installation lets check runs be written, and who were not told yet. */
const untold = (db: Executor) =>
  db
    .select({ candidate: candidates, repository: repositories, commit: pulls.mergeCommit, task: tasks })
    .from(candidates)
    .innerJoin(pulls, eq(pulls.id, candidates.pullId))
    .innerJoin(repositories, eq(repositories.id, candidates.repositoryId))
    .innerJoin(installations, eq(installations.id, candidates.installationId))
    .leftJoin(tasks, eq(tasks.candidateId, candidates.id))

const isDue = and(
  inArray(candidates.state, ['vetted', 'refused']),
  isNull(candidates.reportedAt),
  eq(pulls.source, 'webhook'),
  sql`${installations.permissions} ->> 'checks' = 'write'`,
)

/** Tells a pull's author, by a check run on the merge commit, what became of it. Once; not about what a backfill brought. */
export async function giveFeedback(db: Db, github: GitHubAccess, candidateId: number): Promise<void> {
  const [row] = await untold(db).where(and(eq(candidates.id, candidateId), isDue))
  if (row?.commit == null || !(await mayBeMined(db, row.repository))) return
  const outcome = outcomeOf(row.candidate, row.task)
  if (outcome !== null) await postCheckRun(github, row.repository, row.commit, checkRunFor(outcome))
  await db.update(candidates).set({ reportedAt: sql`now()` }).where(eq(candidates.id, candidateId))
}

/** Those of the last days whose feedback is still due: a process may have ended before it was asked for. */
export async function dueFeedback(db: Db, since: Date): Promise<number[]> {
  const rows = await untold(db).where(and(isDue, gt(candidates.decidedAt, since)))
  return rows.map(({ candidate }) => candidate.id)
}

/** Asks for the feedback of a candidate, where it is due: decided, and by an event. */
export async function feedbackSoon(db: Db, queue: Pick<Queue<Jobs>, 'add'>, candidateId: number): Promise<void> {
  const [due] = await untold(db).where(and(eq(candidates.id, candidateId), isDue))
  if (due === undefined) return
  const key = `feedback:${candidateId}`
  await db.transaction((tx) => queue.add(tx, 'feedback', { candidate: candidateId }, { key }))
}

/** A commit or repository that is gone has nobody to tell. */
export async function postCheckRun(
  github: GitHubAccess,
  row: RepositoryRow,
  commit: string,
  { name, conclusion, output }: CheckRun,
): Promise<void> {
  const client = await github.client(row.installationId, 'live')
  const { owner, name: repo } = addressOf(row)
  try {
    await client.request('POST /repos/{owner}/{repo}/check-runs', {
      ...{ owner, repo, name, conclusion, output },
      head_sha: commit,
      status: 'completed',
    })
  } catch (error) {
    if (!isNotThere(error)) throw asFault(error)
  }
}

function outcomeOf(candidate: CandidateRow, task: typeof tasks.$inferSelect | null): CandidateOutcome | null {
  if (candidate.state === 'vetted' && task !== null) {
    return { state: 'vetted', task: task.name, failToPass: task.failToPass, passToPass: task.passToPassCount }
  }
  if (candidate.state !== 'refused' || candidate.reason === null) return null
  return { state: 'refused', reason: candidate.reason, evidence: candidate.evidence }
}
