import { and, eq, inArray, sql } from 'drizzle-orm'
import { Fault } from '../errors.ts'
import type { Evidence, Flag, Refused } from '../model/index.ts'
import type { Db, Executor, Tx } from './connect.ts'
import { candidates, pulls, repositories, snapshots } from './schema.ts'

export type CandidateRow = typeof candidates.$inferSelect
/** A pull that came past intake: it was merged. */
export type PullRow = typeof pulls.$inferSelect & { readonly mergedAt: Date; readonly mergeCommit: string }
export type RepositoryRow = typeof repositories.$inferSelect
export type SnapshotRow = typeof snapshots.$inferSelect
export type CandidateStage = CandidateRow['stage']

export interface CandidateContext {
  readonly candidate: CandidateRow
  readonly pull: PullRow
  readonly repository: RepositoryRow
}

/** Puts the job of the next stage into the transaction that writes this stage's row. */
export type AddNext = (tx: Tx, stage: CandidateStage, candidate: CandidateRow) => Promise<void>

/** A candidate with its pull and repository, where it still waits for `stage`; null where a job was delivered once more. */
export async function candidateAt(db: Executor, id: number, stage: CandidateStage): Promise<CandidateContext | null> {
  const [row] = await db
    .select({ candidate: candidates, pull: pulls, repository: repositories })
    .from(candidates)
    .innerJoin(pulls, eq(pulls.id, candidates.pullId))
    .innerJoin(repositories, eq(repositories.id, candidates.repositoryId))
    .where(and(eq(candidates.id, id), eq(candidates.stage, stage), eq(candidates.state, 'proposed')))
  if (row === undefined) return null
  const { mergedAt, mergeCommit } = row.pull
  if (mergedAt === null || mergeCommit === null) throw new Error(`candidate ${id} is of a pull that was not merged`)
  return { ...row, pull: { ...row.pull, mergedAt, mergeCommit } }
}

/**
 * Makes the transaction one of a candidate that is still worked on: it can't be erased before the commit. For what a stage writes
 * before its last step. Throws the `Fault` `withdrawn` where the candidate was decided elsewhere, or erased.
 */
export async function assertWanted(tx: Tx, id: number): Promise<void> {
  const rows = await tx
    .select({ id: candidates.id })
    .from(candidates)
    .where(and(eq(candidates.id, id), eq(candidates.state, 'proposed')))
    .for('share')
  if (rows.length === 0) throw new Fault('withdrawn', `candidate ${id} is no longer worked on`)
}

/** Whether a job that failed has nothing to do any more: its candidate was decided elsewhere, or erased. */
export async function isWithdrawn(db: Executor, id: number): Promise<boolean> {
  return (await db.$count(candidates, and(eq(candidates.id, id), inArray(candidates.state, ['vetted', 'refused'])))) > 0
}

export async function snapshotOf(db: Executor, candidateId: number): Promise<SnapshotRow | null> {
  const [row] = await db.select().from(snapshots).where(eq(snapshots.candidateId, candidateId))
  return row ?? null
}

export interface Advance {
  readonly from: CandidateStage
  readonly to: CandidateStage
  readonly seconds: number
  readonly flags?: readonly Flag[]
  readonly evidence?: Evidence
  readonly attemptId?: number
  /** Writes this stage's own rows. Not called where another delivery of the job was first. */
  readonly write: (tx: Tx) => Promise<void>
}

/** Ends a stage well: its rows, the candidate's step and the next job, in one transaction, once. */
export async function advance(db: Db, context: CandidateContext, step: Advance, addNext: AddNext): Promise<void> {
  await db.transaction(async (tx) => {
    const [moved] = await tx
      .update(candidates)
      .set({
        stage: step.to,
        flags: merged(context.candidate.flags, step.flags),
        evidence: { ...context.candidate.evidence, ...step.evidence },
        seconds: { ...context.candidate.seconds, [step.from]: step.seconds },
        ...(step.attemptId === undefined ? {} : { attemptId: step.attemptId }),
      })
      .where(waitingFor(context, step.from))
      .returning()
    if (moved === undefined) return
    await step.write(tx)
    await addNext(tx, step.to, moved)
  })
}

/** Ends a candidate with a stored reason. `write` stores what the stage knows beside it. */
export async function settleRefused(
  db: Db,
  context: CandidateContext,
  stage: CandidateStage,
  refused: Refused,
  seconds: number,
  write: (tx: Tx) => Promise<void> = async () => undefined,
): Promise<void> {
  await db.transaction(async (tx) => {
    const [settled] = await tx
      .update(candidates)
      .set({
        state: 'refused',
        reason: refused.refused,
        evidence: { ...context.candidate.evidence, ...refused.evidence },
        seconds: { ...context.candidate.seconds, [stage]: seconds },
        decidedAt: sql`now()`,
      })
      .where(waitingFor(context, stage))
      .returning({ id: candidates.id })
    if (settled === undefined) return
    await write(tx)
  })
}

/** Parks a candidate whose job failed for the last time: the machine's failure, never a refusal. */
export async function settleFault(db: Db, id: number, kind: string, message: string): Promise<void> {
  await db
    .update(candidates)
    .set({ state: 'fault', evidence: { fault: kind, message: message.slice(0, 4000) }, decidedAt: sql`now()` })
    .where(and(eq(candidates.id, id), eq(candidates.state, 'proposed')))
}

function waitingFor(context: CandidateContext, stage: CandidateStage) {
  return and(eq(candidates.id, context.candidate.id), eq(candidates.stage, stage), eq(candidates.state, 'proposed'))
}

export function merged(flags: readonly Flag[], more: readonly Flag[] = []): Flag[] {
  return [...new Set([...flags, ...more])].sort()
}
