import { and, desc, eq, inArray, sql } from 'drizzle-orm'
import type { Db } from '../../../db/connect.ts'
import { attempts, candidates, environments, pulls, repositories, tasks } from '../../../db/schema.ts'
import { environmentDigest } from '../../../publish/content-hash.ts'
import type { CandidateLine, DecidedLine } from '../lines.ts'
import type { CandidateFilter } from '../services.ts'

const joined = (db: Db) =>
  db
    .select({
      candidate: candidates,
      pull: { number: pulls.number, title: pulls.title },
      repository: repositories.name,
      task: tasks.name,
      strategy: attempts.strategy,
      layer: environments.layer,
      root: environments.root,
    })
    .from(candidates)
    .innerJoin(pulls, eq(pulls.id, candidates.pullId))
    .innerJoin(repositories, eq(repositories.id, candidates.repositoryId))
    .leftJoin(tasks, eq(tasks.candidateId, candidates.id))
    .leftJoin(attempts, eq(attempts.id, candidates.attemptId))
    .leftJoin(environments, eq(environments.id, attempts.environmentId))

type Row = Awaited<ReturnType<typeof joined>>[number]

/** The decided ones among some candidates, as `quarry mine --json` tells them. */
export async function decidedLines(db: Db, ids: readonly number[]): Promise<{ id: number; line: DecidedLine }[]> {
  if (ids.length === 0) return []
  const rows = await joined(db).where(
    and(inArray(candidates.id, [...ids]), inArray(candidates.state, ['vetted', 'refused', 'fault'])),
  )
  return rows.map((row) => ({ id: row.candidate.id, line: decidedLine(row) }))
}

function decidedLine(row: Row): DecidedLine {
  const { candidate } = row
  const { fail_to_pass: failToPass, pass_to_pass: passToPass, flaky, ...evidence } = candidate.evidence
  const { state } = candidate
  return {
    repository: row.repository,
    pull: row.pull.number,
    state: state === 'proposed' ? 'fault' : state,
    task: row.task,
    reason: candidate.reason,
    ...(state === 'vetted' ? {} : { evidence }),
    ...(Array.isArray(failToPass)
      ? {
          fail_to_pass: failToPass.map(String),
          pass_to_pass: Number(passToPass),
          flaky: Array.isArray(flaky) ? flaky.map(String) : [],
        }
      : {}),
    environment:
      row.strategy === null || row.root === null
        ? null
        : environmentDigest({ layer: row.layer, root: row.root, strategy: row.strategy }),
    seconds: candidate.seconds,
  }
}

/** Rows read at a time: a ledger of any length takes the memory of so many. */
const pageSize = 500

/** What the ledger is ordered by beside the id; a pull that was never merged comes before all others. */
const newestFirst = sql<string>`coalesce(${pulls.mergedAt}, 'infinity')`

/** The ledger, newest first. */
export async function* ledger(db: Db, filter: CandidateFilter): AsyncGenerator<CandidateLine> {
  let left = filter.limit ?? Number.POSITIVE_INFINITY
  let last: { readonly mergedAt: string; readonly id: number } | null = null
  while (left > 0) {
    const asked = Math.min(left, pageSize)
    const page: LedgerRow[] = await ledgerPage(db, filter, last, asked)
    for (const row of page) yield ledgerLine(row)
    const end = page.at(-1)
    if (end === undefined || page.length < asked) return
    last = { mergedAt: end.key, id: end.candidate.id }
    left -= page.length
  }
}

type LedgerRow = Pick<Row, 'candidate' | 'pull' | 'repository' | 'task'> & { readonly key: string }

/** The rows after `last`, found by its place in the order and not by counting: what is added meanwhile shifts nothing. */
function ledgerPage(
  db: Db,
  filter: CandidateFilter,
  last: { readonly mergedAt: string; readonly id: number } | null,
  limit: number,
): Promise<LedgerRow[]> {
  return db
    .select({
      candidate: candidates,
      pull: { number: pulls.number, title: pulls.title },
      repository: repositories.name,
      task: tasks.name,
      // As text: a Date would round the microseconds off, and a page begin where another ended.
      key: sql<string>`${newestFirst}::text`,
    })
    .from(candidates)
    .innerJoin(pulls, eq(pulls.id, candidates.pullId))
    .innerJoin(repositories, eq(repositories.id, candidates.repositoryId))
    .leftJoin(tasks, eq(tasks.candidateId, candidates.id))
    .where(
      and(
        filter.repository === null ? undefined : eq(repositories.name, filter.repository),
        filter.state === null ? undefined : eq(sql`${candidates.state}`, filter.state),
        filter.reason === null ? undefined : eq(sql`${candidates.reason}`, filter.reason),
        last === null
          ? undefined
          : sql`(${newestFirst}, ${candidates.id}) < (${last.mergedAt}::timestamptz, ${last.id})`,
      ),
    )
    .orderBy(desc(newestFirst), desc(candidates.id))
    .limit(limit)
}

function ledgerLine({ candidate, pull, repository, task }: LedgerRow): CandidateLine {
  return {
    repository,
    pull: pull.number,
    title: pull.title,
    miner: candidate.miner,
    state: candidate.state,
    stage: candidate.stage,
    reason: candidate.reason,
    evidence: candidate.evidence,
    flags: candidate.flags,
    task,
  }
}
