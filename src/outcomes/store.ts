import { createHash } from 'node:crypto'
import { and, eq, sql } from 'drizzle-orm'
import type { Caller } from '../access/index.ts'
import type { Db, Tx } from '../db/connect.ts'
import { outcomeRequests } from '../db/schema.ts'
import { gradeProblems } from './find-grades.ts'
import { type NamedTask, tasksNamed } from './find-tasks.ts'
import { addToRates } from './rates.ts'
import type { Outcome, OutcomeProblem, StoredOutcomes } from './types.ts'

export interface StoreOptions {
  /** The sender's own key: sent again with the same outcomes, these are stored once. */
  readonly key?: string | null
  /** After so many attempts a task that was always, or never, solved says so. */
  readonly signalAttempts?: number
}

const defaultSignalAttempts = 8

/** Stores what consumers tell of their attempts, and counts it into the solve rates, in one transaction: all of them or none. */
export async function storeOutcomes(
  db: Db,
  caller: Caller,
  outcomes: readonly Outcome[],
  { key = null, signalAttempts = defaultSignalAttempts }: StoreOptions = {},
): Promise<StoredOutcomes> {
  return db.transaction(async (tx) => {
    const tasks = await tasksNamed(
      tx,
      caller,
      outcomes.map(({ task }) => task),
    )
    const before = await storedBefore(tx, caller, key, outcomes)
    if (before !== null) return before
    const problems = [...taskProblems(outcomes, tasks), ...(await gradeProblems(tx, caller, outcomes, tasks))]
    if (problems.length > 0) {
      await forgetKey(tx, caller, key)
      return { refused: 'wrong', problems: problems.sort((a, b) => a.place - b.place) }
    }
    const rows = outcomes.flatMap((outcome) => {
      const task = tasks.get(outcome.task)
      return task === undefined ? [] : [{ outcome, task }]
    })
    await insert(tx, caller, rows)
    await addToRates(tx, rows, signalAttempts)
    return { stored: rows.length }
  })
}

function taskProblems(outcomes: readonly Outcome[], tasks: ReadonlyMap<string, NamedTask>): OutcomeProblem[] {
  return outcomes.flatMap(({ task }, place): OutcomeProblem[] => {
    const known = tasks.get(task)
    if (known === undefined) return [{ place, field: 'task', why: 'unknown' }]
    return known.isErased ? [{ place, field: 'task', why: 'erased' }] : []
  })
}

/** Takes the key; where it was taken before, gives what came of that. Whoever has it in an open transaction is waited for. */
async function storedBefore(
  tx: Tx,
  { tokenId }: Caller,
  key: string | null,
  outcomes: readonly Outcome[],
): Promise<StoredOutcomes | null> {
  if (tokenId === null || key === null) return null
  const requestDigest = createHash('sha256').update(JSON.stringify(outcomes)).digest('hex')
  const made = await tx
    .insert(outcomeRequests)
    .values({ tokenId, idempotencyKey: key, requestDigest, stored: outcomes.length })
    .onConflictDoNothing()
    .returning({ stored: outcomeRequests.stored })
  if (made.length > 0) return null
  const [before] = await tx.select().from(outcomeRequests).where(ofKey(tokenId, key))
  if (before === undefined) throw new Error('a key was neither taken nor there')
  return before.requestDigest === requestDigest ? { stored: before.stored } : { refused: 'key-used' }
}

const ofKey = (tokenId: number, key: string) =>
  and(eq(outcomeRequests.tokenId, tokenId), eq(outcomeRequests.idempotencyKey, key))

/** What was refused may be sent again, mended. */
async function forgetKey(tx: Tx, { tokenId }: Caller, key: string | null): Promise<void> {
  if (tokenId !== null && key !== null) await tx.delete(outcomeRequests).where(ofKey(tokenId, key))
}

interface Row {
  readonly outcome: Outcome
  readonly task: NamedTask
}

async function insert(tx: Tx, { tokenId }: Caller, rows: readonly Row[]): Promise<void> {
  const column = <T>(of: (row: Row) => T, type: string) => sql`${sql.param(rows.map(of))}::${sql.raw(type)}[]`
  await tx.execute(sql`
    insert into outcomes (token_id, installation_id, task_id, content_hash, consumer, model, solved, reward, tokens, grade)
    select ${tokenId}::bigint, told.* from unnest(
      ${column(({ task }) => task.installationId, 'bigint')}, ${column(({ task }) => task.id, 'bigint')},
      ${column(({ task }) => task.contentHash, 'text')}, ${column(({ outcome }) => outcome.consumer, 'text')},
      ${column(({ outcome }) => outcome.model, 'text')}, ${column(({ outcome }) => outcome.solved, 'boolean')},
      ${column(({ outcome }) => outcome.reward, 'float8')}, ${column(({ outcome }) => outcome.tokens, 'bigint')},
      ${column(({ outcome }) => outcome.grade, 'uuid')}) told`)
}
