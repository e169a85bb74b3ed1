import { and, desc, eq, inArray, isNull, sql } from 'drizzle-orm'
import type { AddNext, CandidateRow } from '../db/candidates.ts'
import type { Db, Tx } from '../db/connect.ts'
import { tellEvent } from '../db/publications.ts'
import { attempts, candidates, publications, pulls, runs, snapshots, tasks, verdicts } from '../db/schema.ts'
import { erasePull } from '../erasure/erase.ts'
import { retireIn } from '../erasure/retire.ts'
import type { PullSource } from '../model/index.ts'
import { withdrawJobs } from '../queue/withdraw.ts'
import type { Judged } from './judge-pulls.ts'

/** A candidate that the ledger has, who told of its pull then, and how it is now. */
export interface SeenAgain {
  readonly candidate: CandidateRow
  readonly toldBy: PullSource
  readonly now: Judged
}

type PullValues = Judged['values']

/** Who knows a pull best: GitHub, then a file of its answers, then what git's messages tell. */
const authority: Readonly<Record<PullSource, number>> = { webhook: 2, backfill: 2, 'pulls-file': 1, history: 0 }

/** Whether `teller` knows no less of a pull than `before` did. */
export function knowsAsMuch(teller: PullSource, before: PullSource): boolean {
  return authority[teller] >= authority[before]
}

/**
 * Brings known candidates up to date with how their pulls are now. A fix that was taken back is retired, and comes back with it; what intake or
 * the miner refused is judged anew (an edited text closes an issue now, a label is gone). Everything else stays: a task's statement is of the day
 * its pull was made. Who knows less of a pull than was known before changes nothing but what git itself says. Gives the pulls that
 * their labels leave out now: these are to be erased, by `eraseLeftOut`.
 */
export async function amend(tx: Tx, addNext: AddNext, again: readonly SeenAgain[]): Promise<number[]> {
  const leftOut: number[] = []
  for (const { candidate, toldBy, now } of again) {
    if ('forgotten' in candidate.evidence) continue
    const isEarly = candidate.state === 'refused' && (candidate.stage === 'intake' || candidate.stage === 'miner')
    const knows = knowsAsMuch(now.values.source, toldBy)
    if (now.outcome.state === 'proposed') {
      if (!isEarly || !knows) continue
      const last = await lastOfTask(tx, candidate.id)
      if (last === null) await beginAnew(tx, addNext, candidate, now, now.outcome)
      else await bringBack(tx, candidate, last, now.outcome)
    } else if (knows && now.outcome.reason === 'not-consented') {
      if (candidate.reason !== 'not-consented') leftOut.push(now.values.number)
    } else if (isEarly) {
      if (knows && now.outcome.reason !== candidate.reason) await refuseAnew(tx, candidate, now.outcome, now.values)
    } else if (candidate.state !== 'refused' && now.outcome.reason === 'later-reverted') {
      await takeBack(tx, candidate, now.outcome)
    }
  }
  return leftOut
}

/** Owners who leave a pull out by a label want nothing of it held. Lifted when the labels let it be mined again. */
export async function eraseLeftOut(db: Db, repositoryId: number, numbers: readonly number[]): Promise<void> {
  for (const pull of numbers) await erasePull(db, repositoryId, pull, 'opted-out')
}

type Refusal = Extract<Judged['outcome'], { state: 'refused' }>
type Proposal = Extract<Judged['outcome'], { state: 'proposed' }>

async function refuseAnew(tx: Tx, candidate: CandidateRow, refusal: Refusal, values: PullValues): Promise<void> {
  const { stage, reason, evidence } = refusal
  await tx.update(pulls).set(textOf(values)).where(eq(pulls.id, candidate.pullId))
  await tx
    .update(candidates)
    .set({ stage, reason, evidence, decidedAt: sql`now()` })
    .where(and(eq(candidates.id, candidate.id), eq(candidates.state, 'refused')))
}

/** The fix no longer stands: a stage that is at it finds it decided, and its task is retired. */
async function takeBack(tx: Tx, { id }: CandidateRow, { evidence }: Refusal): Promise<void> {
  const [ended] = await tx
    .update(candidates)
    .set({ state: 'refused', stage: 'miner', reason: 'later-reverted', evidence, decidedAt: sql`now()` })
    .where(and(eq(candidates.id, id), inArray(candidates.state, ['proposed', 'vetted', 'fault'])))
    .returning({ id: candidates.id })
  if (ended === undefined) return
  await withdrawJobs(tx, sql`(${`candidate:${id}`})`)
  const own = await tx.select({ id: tasks.id }).from(tasks).where(eq(tasks.candidateId, id))
  await retireIn(tx, { tasks: own.map((task) => task.id) }, 'later-reverted')
}

/** Back to where it was: its task is live once more, unless it went for another reason. */
async function bringBack(tx: Tx, { id }: CandidateRow, last: LastTold, { evidence }: Proposal): Promise<void> {
  await tx
    .update(candidates)
    .set({ state: 'vetted', stage: 'publish', reason: null, evidence, decidedAt: sql`now()` })
    .where(eq(candidates.id, id))
  if (last.detail === 'later-reverted') await restoreTask(tx, last)
}

/** One that never had a task goes through the stages from the first on, by what its pull says now. */
async function beginAnew(
  tx: Tx,
  addNext: AddNext,
  { id, pullId }: CandidateRow,
  { values, flags }: Judged,
  { base: baseCommit, evidence }: Proposal,
): Promise<void> {
  for (const table of [runs, verdicts, attempts, snapshots]) await tx.delete(table).where(eq(table.candidateId, id))
  await tx.update(pulls).set(textOf(values)).where(eq(pulls.id, pullId))
  const again = { state: 'proposed', stage: 'snapshot', reason: null, decidedAt: null, attemptId: null } as const
  const [begun] = await tx
    .update(candidates)
    .set({ ...again, baseCommit, evidence, flags, seconds: {} })
    .where(eq(candidates.id, id))
    .returning()
  if (begun !== undefined) await addNext(tx, 'snapshot', begun)
}

interface LastTold {
  readonly task: number
  readonly detail: string | null
  /** What was told before. */
  readonly before: { readonly event: string; readonly detail: string | null } | null
}

/** One that was in quarantine goes back there. */
async function restoreTask(tx: Tx, { task, before }: LastTold): Promise<void> {
  if (before?.event === 'quarantined') await tellEvent(tx, [task], 'quarantined', before.detail ?? 'restored')
  else await tellEvent(tx, [task], 'published', 'restored')
}

/** What was last told of a candidate's task; null where it never had one. */
async function lastOfTask(tx: Tx, candidateId: number): Promise<LastTold | null> {
  const [last, before] = await tx
    .select({ task: tasks.id, event: publications.event, detail: publications.detail })
    .from(tasks)
    .innerJoin(publications, eq(publications.taskId, tasks.id))
    .where(and(eq(tasks.candidateId, candidateId), isNull(tasks.erasedAt)))
    .orderBy(desc(publications.sequence))
    .limit(2)
  return last === undefined ? null : { task: last.task, detail: last.detail, before: before ?? null }
}

function textOf(values: PullValues): Partial<PullValues> {
  const { repositoryId: _repository, installationId: _installation, number: _number, ...text } = values
  return text
}
