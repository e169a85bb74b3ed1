import { and, eq, inArray, sql } from 'drizzle-orm'
import type { Miner } from '../../miners/index.ts'
import { refusalByLabels } from '../consent/index.ts'
import type { AddNext, CandidateRow, RepositoryRow } from '../db/candidates.ts'
import type { Db, Tx } from '../db/connect.ts'
import { candidates, issues, pullIssues, pulls, repositories, repositoryNames } from '../db/schema.ts'
import { changeSizes, type Mirror, readBlob, type Source } from '../git/index.ts'
import {
  type BadLine,
  type Discovery,
  type FoundPull,
  isBadLine,
  isFound,
  type RefusedPull,
  verifyDiff,
} from '../intake/index.ts'
import { kindByPath, syntaxOf } from '../languages/index.ts'
import { type Change, type Evidence, type Flag, isRefused, type Reason } from '../model/index.ts'
import { settingsAt, settingsOf } from './settings-at.ts'

/** What came of a batch of discovered pulls. */
export interface TakenIn {
  readonly pulls: number
  /** Every candidate that the batch stands for, those known before included. */
  readonly candidates: readonly CandidateRow[]
  readonly badLines: readonly BadLine[]
}

interface Judged {
  readonly values: typeof pulls.$inferInsert
  readonly found: FoundPull | null
  readonly flags: readonly Flag[]
  readonly outcome:
    | { readonly state: 'proposed'; readonly base: string; readonly evidence: Evidence }
    | {
        readonly state: 'refused'
        readonly stage: 'intake' | 'miner'
        readonly reason: Reason
        readonly evidence: Evidence
      }
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

export interface TakeInOptions {
  readonly db: Db
  readonly repository: RepositoryRow
  readonly mirror: Mirror
  readonly defaultBranch: string
  readonly miner: Miner
  readonly addNext: AddNext
  /** At most so many proposed candidates; what comes after them is left. All where it is left out. */
  readonly room?: number
}

/** Asks the miner about each pull of a batch. Nothing is stored. */
export async function judgeBatch(
  options: Pick<TakeInOptions, 'mirror' | 'miner' | 'defaultBranch' | 'repository'>,
  batch: readonly Discovery[],
): Promise<Judged[]> {
  const judged: Judged[] = []
  for (const discovery of batch) {
    if (isBadLine(discovery)) continue
    judged.push(
      isFound(discovery) ? await judgeFound(options, discovery) : refusedAtIntake(options.repository, discovery),
    )
  }
  return judged
}

async function judgeFound(
  {
    mirror,
    miner,
    defaultBranch,
    repository,
  }: Pick<TakeInOptions, 'mirror' | 'miner' | 'defaultBranch' | 'repository'>,
  found: FoundPull,
): Promise<Judged> {
  const { pull, facts } = found
  const stored = settingsOf(repository)
  const unwanted = refusalByLabels(stored, pull.labels)
  const outcome =
    unwanted ??
    (await miner.propose({
      pull,
      base: facts.base,
      changes: facts.changes,
      defaultBranch,
      revertedBy: facts.revertedBy,
      sizes: () => changeSizes(mirror, facts.base, pull.mergeCommit),
      mixedPaths: () => mixedPaths(mirror, facts.changes),
      statedPaths: (await settingsAt(mirror, pull.mergeCommit, stored)).paths,
    }))
  const flags: Flag[] = []
  const verified = isRefused(outcome) ? 'equal' : await verifyDiff(mirror, found)
  if (verified === 'unverified') flags.push('diff-unverified')
  return {
    found,
    flags: [...facts.flags, ...flags],
    values: {
      repositoryId: repository.id,
      number: pull.number,
      title: pull.title,
      body: pull.body,
      createdAt: pull.createdAt,
      mergedAt: pull.mergedAt,
      mergeCommit: pull.mergeCommit,
      firstCommitAt: facts.firstCommitAt,
      baseRef: pull.baseRef,
      head: pull.head,
      authorLogin: pull.user?.login ?? null,
      authorType: pull.user?.type ?? null,
      labels: pull.labels,
      closes: pull.closes,
      source: pull.source,
    },
    outcome:
      typeof verified === 'object'
        ? { state: 'refused', stage: 'intake', reason: verified.refused, evidence: verified.evidence }
        : isRefused(outcome)
          ? {
              state: 'refused',
              stage: unwanted === null ? 'miner' : 'intake',
              reason: outcome.refused,
              evidence: outcome.evidence,
            }
          : { state: 'proposed', base: outcome.proposed.base, evidence: outcome.proposed.evidence },
  }
}

/** Changed source files with tests inside. Test files are told by their paths; only what is no test by its path is looked into. */
async function mixedPaths(mirror: Mirror, changes: readonly Change[]): Promise<string[]> {
  const mixed: string[] = []
  for (const { path, newBlob } of changes) {
    const syntax = newBlob === null || kindByPath(path) !== 'source' ? null : syntaxOf(path)
    if (syntax === null || newBlob === null) continue
    if (syntax.testItems((await readBlob(mirror, newBlob)).toString()).length > 0) mixed.push(path)
  }
  return mixed
}

function refusedAtIntake(repository: RepositoryRow, refused: RefusedPull): Judged {
  return {
    found: null,
    flags: [],
    values: {
      repositoryId: repository.id,
      number: refused.number,
      title: refused.title,
      body: '',
      mergedAt: refused.mergedAt,
      mergeCommit: refused.mergeCommit,
      labels: [],
      closes: [],
      source: refused.source,
    },
    outcome: { state: 'refused', stage: 'intake', reason: refused.refused, evidence: refused.evidence },
  }
}

/** Stores a batch with its candidates and their first jobs, in one transaction. What is known already stays as it is. */
export async function takeIn(options: TakeInOptions, batch: readonly Discovery[]): Promise<TakenIn> {
  const judged = upTo(options.room ?? Number.POSITIVE_INFINITY, await judgeBatch(options, batch))
  const badLines = batch.filter(isBadLine)
  if (judged.length === 0) return { pulls: 0, candidates: [], badLines }
  const stored = await options.db.transaction(async (tx) => {
    const ids = await storePulls(tx, options.repository.id, judged)
    await storeIssues(tx, options.repository.id, judged, ids)
    return storeCandidates(tx, options, judged, ids)
  })
  return { pulls: judged.length, candidates: stored, badLines }
}

function upTo(room: number, judged: readonly Judged[]): readonly Judged[] {
  let proposed = 0
  const end = judged.findIndex(({ outcome }) => outcome.state === 'proposed' && ++proposed > room)
  return end === -1 ? judged : judged.slice(0, end)
}

async function storePulls(tx: Tx, repositoryId: number, judged: readonly Judged[]): Promise<Map<number, number>> {
  const unique = [...new Map(judged.map((one) => [one.values.number, one.values])).values()]
  await tx.insert(pulls).values(unique).onConflictDoNothing()
  const rows = await tx
    .select({ id: pulls.id, number: pulls.number })
    .from(pulls)
    .where(
      and(
        eq(pulls.repositoryId, repositoryId),
        inArray(
          pulls.number,
          unique.map(({ number }) => number),
        ),
      ),
    )
  return new Map(rows.map(({ id, number }) => [number, id]))
}

async function storeIssues(
  tx: Tx,
  repositoryId: number,
  judged: readonly Judged[],
  pullIds: ReadonlyMap<number, number>,
): Promise<void> {
  const known = new Map(judged.flatMap(({ found }) => found?.pull.issues ?? []).map((issue) => [issue.number, issue]))
  if (known.size === 0) return
  await tx
    .insert(issues)
    .values(
      [...known.values()].map((issue) => ({
        repositoryId,
        number: issue.number,
        title: issue.title,
        body: issue.body,
        createdAt: new Date(issue.created_at),
        authorLogin: issue.user?.login ?? null,
        comments: issue.comments,
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
      const pullId = pullIds.get(found?.pull.number ?? 0)
      const issueId = ids.get(issue.number)
      return pullId === undefined || issueId === undefined ? [] : [{ pullId, issueId, position }]
    }),
  )
  await tx.insert(pullIssues).values(links).onConflictDoNothing()
}

async function storeCandidates(
  tx: Tx,
  { miner, repository, addNext }: TakeInOptions,
  judged: readonly Judged[],
  pullIds: ReadonlyMap<number, number>,
): Promise<CandidateRow[]> {
  const values = judged.flatMap((one) => {
    const pullId = pullIds.get(one.values.number)
    return pullId === undefined ? [] : [candidateValues(one, miner.name, repository.id, pullId)]
  })
  const fresh = await tx.insert(candidates).values(values).onConflictDoNothing().returning()
  for (const candidate of fresh) if (candidate.state === 'proposed') await addNext(tx, 'snapshot', candidate)
  const known = await tx
    .select()
    .from(candidates)
    .where(
      and(
        eq(candidates.miner, miner.name),
        inArray(
          candidates.pullId,
          values.map(({ pullId }) => pullId),
        ),
      ),
    )
  return known
}

function candidateValues(
  { outcome, flags }: Judged,
  miner: string,
  repositoryId: number,
  pullId: number,
): typeof candidates.$inferInsert {
  const shared = { repositoryId, pullId, miner, flags, evidence: outcome.evidence }
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
