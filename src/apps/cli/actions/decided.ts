import { and, eq, inArray } from 'drizzle-orm'
import type { Db } from '../../../db/connect.ts'
import { attempts, candidates, environments, pulls, repositories, tasks } from '../../../db/schema.ts'
import { environmentDigest } from '../../../publish/content-hash.ts'
import type { DecidedLine } from '../lines.ts'

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
