import { and, asc, eq, inArray, ne, sql } from 'drizzle-orm'
import type { AddNext, CandidateRow, RepositoryRow } from '../db/candidates.ts'
import type { Db, Tx } from '../db/connect.ts'
import { candidates, issues, pullIssues, pulls, repositories, repositoryNames } from '../db/schema.ts'
import type { Source } from '../git/index.ts'
import { type BadLine, type Discovery, isBadLine } from '../intake/index.ts'
import type { PullSource } from '../model/index.ts'
import { amend, eraseLeftOut, knowsAsMuch, type SeenAgain } from './amend.ts'
import { type Judged, type Judging, judgeBatch } from './judge-pulls.ts'

/** What came of a batch of discovered pulls. */
export interface TakenIn {
  readonly pulls: number
  /** Every candidate that the batch stands for, those known before included. */
  readonly candidates: readonly CandidateRow[]
  readonly badLines: readonly BadLine[]
}

/** The row of a repository, made or brought up to date with where it was read from now. */
export async function repositoryFor(db: Db, source: Source): Promise<RepositoryRow> {
  const { forge, owner, name } = source.name
  const fullName = `${owner}/${name}`
  return db.transaction(async (tx) => {
    const [row] = await tx
      .insert(repositories)
      .values({ forge, name: fullName, origin: source.location })
      .onConflictDoUpdate({
        target: [repositories.installationId, repositories.forge, repositories.name],
        set: { origin: source.location },
      })
      .returning()
    if (row === undefined) throw new Error('a stored repository came back without its row')
    await tx.insert(repositoryNames).values({ repositoryId: row.id, name: fullName }).onConflictDoNothing()
    return row
  })
}

export interface TakeInOptions extends Judging {
  readonly db: Db
  readonly addNext: AddNext
  /** At most so many proposed candidates; what comes after them is left. All where it is left out. */
  readonly room?: number
}

/** Stores a batch with its candidates and their first jobs, in one transaction; what is known already is brought up to date (see `amend`). */
export async function takeIn(options: TakeInOptions, batch: readonly Discovery[]): Promise<TakenIn> {
  const { db, repository, addNext } = options
  const judged = upTo(options.room ?? Number.POSITIVE_INFINITY, await judgeBatch(options, batch))
  const badLines = batch.filter(isBadLine)
  if (judged.length === 0) return { pulls: 0, candidates: [], badLines }
  const { ids, leftOut } = await db.transaction(async (tx) => {
    const stored = await storePulls(tx, repository.id, judged)
    await storeIssues(tx, repository, judged, stored)
    const { ids, again } = await storeCandidates(tx, options, judged, stored)
    const leftOut = await amend(tx, addNext, again)
    await storeLabels(tx, again)
    return { ids, leftOut }
  })
  await eraseLeftOut(db, repository.id, leftOut)
  return { pulls: judged.length, candidates: await byIds(db, ids), badLines }
}

function upTo(room: number, judged: readonly Judged[]): readonly Judged[] {
  let proposed = 0
  const end = judged.findIndex(({ outcome }) => outcome.state === 'proposed' && ++proposed > room)
  return end === -1 ? judged : judged.slice(0, end)
}

interface StoredPull {
  readonly id: number
  readonly source: PullSource
}

/** By their numbers; those known before as they were. */
async function storePulls(
  tx: Tx,
  repositoryId: number,
  judged: readonly Judged[],
): Promise<ReadonlyMap<number, StoredPull>> {
  const unique = new Map(judged.map((one) => [one.values.number, one.values]))
  await tx
    .insert(pulls)
    .values([...unique.values()])
    .onConflictDoNothing()
  const rows = await tx
    .select({ id: pulls.id, number: pulls.number, source: pulls.source })
    .from(pulls)
    .where(and(eq(pulls.repositoryId, repositoryId), inArray(pulls.number, [...unique.keys()])))
  return new Map(rows.map(({ id, number, source }) => [number, { id, source }]))
}

/** Labels count as they are now. After the candidates are locked: an erasure takes them first, too. */
async function storeLabels(tx: Tx, again: readonly SeenAgain[]): Promise<void> {
  for (const { candidate, toldBy, now } of again) {
    const { source, labels } = now.values
    if ('forgotten' in candidate.evidence || !knowsAsMuch(source, toldBy)) continue
    await tx
      .update(pulls)
      .set({ labels })
      .where(and(eq(pulls.id, candidate.pullId), ne(pulls.labels, labels)))
  }
}

async function storeIssues(
  tx: Tx,
  { id: repositoryId, installationId }: RepositoryRow,
  judged: readonly Judged[],
  stored: ReadonlyMap<number, StoredPull>,
): Promise<void> {
  const known = new Map(judged.flatMap(({ found }) => found?.pull.issues ?? []).map((issue) => [issue.number, issue]))
  if (known.size === 0) return
  await tx
    .insert(issues)
    .values(
      [...known.values()].map((issue) => ({
        repositoryId,
        installationId,
        number: issue.number,
        createdAt: new Date(issue.created_at),
        authorLogin: issue.user?.login ?? null,
      })),
    )
    .onConflictDoNothing()
  const rows = await tx
    .select({ id: issues.id, number: issues.number })
    .from(issues)
    .where(and(eq(issues.repositoryId, repositoryId), inArray(issues.number, [...known.keys()])))
  const ids = new Map(rows.map(({ id, number }) => [number, id]))
  const links = judged.flatMap(({ found }) =>
    (found?.pull.issues ?? []).flatMap((issue, position) => {
      const pullId = stored.get(found?.pull.number ?? 0)?.id
      const issueId = ids.get(issue.number)
      const { title, body, comments } = issue
      return pullId === undefined || issueId === undefined
        ? []
        : [{ installationId, pullId, issueId, position, title, body, comments }]
    }),
  )
  await tx.insert(pullIssues).values(links).onConflictDoNothing()
}

async function storeCandidates(
  tx: Tx,
  { miner, repository, addNext }: TakeInOptions,
  judged: readonly Judged[],
  stored: ReadonlyMap<number, StoredPull>,
): Promise<{ readonly ids: readonly number[]; readonly again: readonly SeenAgain[] }> {
  const byPull = new Map(
    judged.flatMap((now) => {
      const pull = stored.get(now.values.number)
      return pull === undefined ? [] : [[pull.id, { now, toldBy: pull.source }] as const]
    }),
  )
  const values = [...byPull].map(([pullId, { now }]) => candidateValues(now, miner.name, repository, pullId))
  const fresh = await tx.insert(candidates).values(values).onConflictDoNothing().returning()
  for (const candidate of fresh) if (candidate.state === 'proposed') await addNext(tx, 'snapshot', candidate)
  const known = await tx
    .select()
    .from(candidates)
    .where(and(eq(candidates.miner, miner.name), inArray(candidates.pullId, [...byPull.keys()])))
    .orderBy(asc(candidates.id))
    .for('update')
  const isFresh = new Set(fresh.map(({ id }) => id))
  const again = known.flatMap((candidate) => {
    const seen = byPull.get(candidate.pullId)
    return seen === undefined || isFresh.has(candidate.id) ? [] : [{ candidate, ...seen }]
  })
  return { ids: known.map(({ id }) => id), again }
}

function byIds(db: Db, ids: readonly number[]): Promise<CandidateRow[]> {
  return db
    .select()
    .from(candidates)
    .where(inArray(candidates.id, [...ids]))
    .orderBy(asc(candidates.id))
}

function candidateValues(
  { outcome, flags }: Judged,
  miner: string,
  { id: repositoryId, installationId }: RepositoryRow,
  pullId: number,
): typeof candidates.$inferInsert {
  const shared = { repositoryId, installationId, pullId, miner, flags, evidence: outcome.evidence }
  if (outcome.state === 'proposed') return { ...shared, state: 'proposed', stage: 'snapshot', baseCommit: outcome.base }
  return { ...shared, state: 'refused', stage: outcome.stage, reason: outcome.reason, decidedAt: new Date() }
}

/** Puts candidates that wait, or that a fault ended, back to work: what a rerun owes to those that are not done. */
export async function resume(db: Db, rows: readonly CandidateRow[], addNext: AddNext): Promise<number> {
  let resumed = 0
  for (const row of rows) {
    if (row.state !== 'proposed' && row.state !== 'fault') continue
    await db.transaction(async (tx) => {
      const [waiting] = await tx
        .update(candidates)
        .set({ state: 'proposed', decidedAt: null, evidence: sql`${candidates.evidence} - 'fault' - 'message'` })
        .where(and(eq(candidates.id, row.id), inArray(candidates.state, ['proposed', 'fault'])))
        .returning()
      if (waiting !== undefined) await addNext(tx, waiting.stage, waiting)
    })
    resumed += 1
  }
  return resumed
}
