import { and, desc, eq, type SQL, sql } from 'drizzle-orm'
import type { Executor } from '../db/connect.ts'
import { candidates, pulls, repositories, tasks } from '../db/schema.ts'
import type { Evidence, Flag, Reason } from '../model/index.ts'

/** A candidate as the ledger lists it; its keys are those of docs/contract.md. */
export interface ListedCandidate {
  readonly repository: string
  readonly pull: number
  readonly title: string
  readonly miner: string
  readonly state: 'proposed' | 'vetted' | 'refused' | 'fault'
  readonly stage: string
  readonly reason: Reason | null
  readonly evidence: Evidence
  readonly flags: readonly Flag[]
  readonly task: string | null
  readonly merged_at: string | null
  readonly decided_at: string | null
}

export interface LedgerFilter {
  readonly repository?: string | null | undefined
  readonly state?: string | null | undefined
  readonly reason?: string | null | undefined
}

/** A row's place in the order, newest merged first. */
export interface LedgerPlace {
  /** Microseconds since 1970, since a Date would round them off; null: never. */
  readonly merged: number | null
  readonly id: number
}

/** Whom the rows exist for: accounts in lower case; null: all. */
interface Seeing {
  readonly owners: readonly string[] | null
}

/** What the ledger is ordered by beside the id; a pull that was never merged comes before all others. */
const newestFirst = sql<string>`coalesce(${pulls.mergedAt}, 'infinity')`

/** The rows after a place, found by it and not by counting: what is added meanwhile shifts nothing. */
export async function ledgerPage(
  db: Executor,
  { owners }: Seeing,
  { repository, state, reason }: LedgerFilter,
  { after, limit }: { readonly after: LedgerPlace | null; readonly limit: number },
): Promise<{ readonly candidates: ListedCandidate[]; readonly next: LedgerPlace | null }> {
  const rows = await db
    .select({
      candidate: candidates,
      pull: { number: pulls.number, title: pulls.title, mergedAt: pulls.mergedAt },
      repository: repositories.name,
      task: tasks.name,
      merged: sql<string | null>`(extract(epoch from ${pulls.mergedAt}) * 1e6)::bigint::text`,
    })
    .from(candidates)
    .innerJoin(pulls, eq(pulls.id, candidates.pullId))
    .innerJoin(repositories, eq(repositories.id, candidates.repositoryId))
    .leftJoin(tasks, eq(tasks.candidateId, candidates.id))
    .where(
      and(
        owners === null ? undefined : sql`${ownerOfRepository} = any(${sql.param([...owners])}::text[])`,
        repository == null ? undefined : sql`lower(${repositories.name}) = ${repository.toLowerCase()}`,
        state == null ? undefined : eq(sql`${candidates.state}`, state),
        reason == null ? undefined : eq(sql`${candidates.reason}`, reason),
        after === null ? undefined : sql`(${newestFirst}, ${candidates.id}) < (${momentOf(after.merged)}, ${after.id})`,
      ),
    )
    .orderBy(desc(newestFirst), desc(candidates.id))
    .limit(limit + 1)
  const page = rows.slice(0, limit)
  const last = rows.length > limit ? page.at(-1) : undefined
  return {
    candidates: page.map(listedCandidate),
    next:
      last === undefined ? null : { merged: last.merged === null ? null : Number(last.merged), id: last.candidate.id },
  }
}

function momentOf(micros: number | null): SQL {
  return sql`coalesce(timestamptz 'epoch' + ${micros}::bigint * interval '1 microsecond', 'infinity')`
}

/** As row-level security has it. */
export const ownerOfRepository = sql`lower(split_part(${repositories.name}, '/', 1))`

/** Rows read at a time: a ledger of any length takes the memory of so many. */
const pageSize = 500

/** The whole ledger, newest first. */
export async function* ledger(
  db: Executor,
  { limit, ...filter }: LedgerFilter & { readonly limit: number | null },
): AsyncGenerator<ListedCandidate> {
  let left = limit ?? Number.POSITIVE_INFINITY
  let after: LedgerPlace | null = null
  do {
    const page: Awaited<ReturnType<typeof ledgerPage>> = await ledgerPage(db, { owners: null }, filter, {
      after,
      limit: Math.min(left, pageSize),
    })
    yield* page.candidates
    left -= page.candidates.length
    after = page.next
  } while (after !== null && left > 0)
}

interface LedgerRow {
  readonly candidate: typeof candidates.$inferSelect
  readonly pull: { readonly number: number; readonly title: string; readonly mergedAt: Date | null }
  readonly repository: string
  readonly task: string | null
}

function listedCandidate({ candidate, pull, repository, task }: LedgerRow): ListedCandidate {
  const { miner, state, stage, reason, evidence, flags, decidedAt } = candidate
  return {
    ...{ repository, pull: pull.number, title: pull.title, miner, state, stage, reason, evidence, flags, task },
    merged_at: pull.mergedAt?.toISOString() ?? null,
    decided_at: decidedAt?.toISOString() ?? null,
  }
}
