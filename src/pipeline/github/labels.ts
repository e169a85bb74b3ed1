import { and, eq, isNotNull, ne, notInArray, or, sql } from 'drizzle-orm'
import { refusalByLabels } from '../../consent/index.ts'
import type { RepositoryRow } from '../../db/candidates.ts'
import type { Db } from '../../db/connect.ts'
import { candidates, pulls } from '../../db/schema.ts'
import { leftOutPulls, liftErasure } from '../../erasure/standing.ts'
import type { PullLine } from '../../model/index.ts'
import type { Queue } from '../../queue/types.ts'
import { eraseLeftOut } from '../amend.ts'
import type { Jobs } from '../jobs.ts'
import { settingsOf } from '../settings-at.ts'

/** Lets pulls be mined again that were erased for their labels, where the labels they have now say nothing against it. */
export async function letBackIn(db: Db, row: RepositoryRow, lines: readonly PullLine[]): Promise<void> {
  const leftOut = await leftOutPulls(db, row.id)
  for (const { number, labels } of lines) {
    if (!leftOut.has(number) || isLeftOut(row, labels)) continue
    await liftErasure(db, { repositoryId: row.id, pull: number })
  }
}

function isLeftOut(row: RepositoryRow, labels: PullLine['labels']): boolean {
  const names = labels.map(({ name }) => name)
  return refusalByLabels(settingsOf(row), names) !== null
}

/** Erases what the settings in force leave out by the labels that pulls had when they were last seen. */
export async function enforceLabels(db: Db, row: RepositoryRow): Promise<void> {
  const settings = settingsOf(row)
  if (settings?.labels === undefined) return
  const held = await db
    .select({ number: pulls.number, labels: pulls.labels })
    .from(candidates)
    .innerJoin(pulls, eq(pulls.id, candidates.pullId))
    .where(
      and(
        eq(pulls.repositoryId, row.id),
        isNotNull(pulls.mergeCommit),
        or(ne(candidates.state, 'refused'), notInArray(candidates.stage, ['intake', 'miner'])),
      ),
    )
  const unwanted = held.filter(({ labels }) => refusalByLabels(settings, labels) !== null)
  await eraseLeftOut(
    db,
    row.id,
    unwanted.map(({ number }) => number),
  )
}

/** Asks for each pull again that its labels left out under earlier settings: GitHub knows the labels that it has now. */
export async function askForLeftOut(
  db: Db,
  queue: Pick<Queue<Jobs>, 'addAll'>,
  { id: repository }: RepositoryRow,
): Promise<void> {
  const refused = await db
    .select({ number: pulls.number })
    .from(candidates)
    .innerJoin(pulls, eq(pulls.id, candidates.pullId))
    .where(
      and(
        eq(pulls.repositoryId, repository),
        eq(candidates.reason, 'not-consented'),
        sql`${candidates.evidence}->>'setting' like 'labels.%'`,
      ),
    )
  const numbers = new Set([...refused.map(({ number }) => number), ...(await leftOutPulls(db, repository))])
  const jobs = [...numbers].map((number) => ({ data: { repository, number }, key: `pull:${repository}:${number}` }))
  if (jobs.length > 0) await db.transaction((tx) => queue.addAll(tx, 'pull', jobs))
}
