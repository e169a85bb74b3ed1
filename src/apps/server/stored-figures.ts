import { desc, eq, gt, isNull, or, sql } from 'drizzle-orm'
import type { Db } from '../../db/connect.ts'
import { disks, githubBudgets, installations, jobTimes, machines, nightlyReports } from '../../db/schema.ts'
import { jobNames } from '../../pipeline/jobs.ts'

export type TimeFigures = typeof jobTimes.$inferSelect

export interface BudgetFigures
  extends Pick<typeof githubBudgets.$inferSelect, 'resource' | 'limit' | 'remaining' | 'resetsAt'> {
  readonly installation: number
  /** Empty where the installation's own news is still to come. */
  readonly account: string
}

export interface DiskFigures extends Omit<typeof disks.$inferSelect, 'machineId' | 'partsMeasuredAt'> {
  readonly machine: string
  readonly host: string
}

/** A machine that was switched off has no disk to look after. */
const silentMs = 24 * 3600 * 1000

/** What Prometheus is told out of the database. */
export function readFigures(db: Db) {
  return Promise.all([
    jobsIn(db),
    ledgerIn(db),
    db.select().from(jobTimes),
    budgetsIn(db),
    disksIn(db),
    nightlyIn(db),
    gradesIn(db),
  ])
}

/** Depth and age of the queues. */
async function jobsIn(db: Db) {
  const { rows } = await db.execute<{ queue: string; state: string; jobs: number; age: number }>(sql`
    select name as queue, state::text, count(*)::int as jobs,
      coalesce(extract(epoch from now() - min(created_on)), 0)::float as age
    from pgboss.job where name in ${[...jobNames, 'dead']} and state < 'completed' group by name, state`)
  return rows
}

/** A candidate whose job faulted has the fault's kind in the place of a reason. */
async function ledgerIn(db: Db) {
  const { rows } = await db.execute<{ state: string; reason: string; count: number }>(sql`
    select state, reason, count(*)::int as count from (
      select state, coalesce(reason, case when state = 'fault' then evidence ->> 'fault' end, '') as reason from candidates
    ) as ledger group by state, reason`)
  return rows
}

/** Grades that wait, by the system that a worker needs for them. */
async function gradesIn(db: Db) {
  const { rows } = await db.execute<{ root: string; waiting: number; age: number }>(sql`
    select root, count(*)::int as waiting, extract(epoch from now() - min(queued_at))::float as age
    from grades where state = 'queued' and job is null group by root`)
  return rows
}

async function budgetsIn(db: Db): Promise<BudgetFigures[]> {
  return db
    .select({
      installation: githubBudgets.installationId,
      account: sql<string>`coalesce(${installations.account}, '')`,
      resource: githubBudgets.resource,
      limit: githubBudgets.limit,
      remaining: githubBudgets.remaining,
      resetsAt: githubBudgets.resetsAt,
    })
    .from(githubBudgets)
    .leftJoin(installations, eq(installations.id, githubBudgets.installationId))
    .where(or(isNull(installations.id), eq(installations.state, 'active')))
}

async function disksIn(db: Db): Promise<DiskFigures[]> {
  const rows = await db
    .select()
    .from(disks)
    .innerJoin(machines, eq(machines.id, disks.machineId))
    .where(gt(disks.measuredAt, new Date(Date.now() - silentMs)))
  return rows.map(({ disks: { machineId, partsMeasuredAt: _, ...disk }, machines: { host } }) => ({
    ...disk,
    machine: machineId,
    host,
  }))
}

async function nightlyIn(db: Db): Promise<{ readonly endedAt: Date; readonly faults: number } | null> {
  const [row] = await db
    .select({
      endedAt: nightlyReports.endedAt,
      faults: sql<number>`jsonb_array_length(coalesce(${nightlyReports.report} -> 'faults', '[]'))`,
    })
    .from(nightlyReports)
    .orderBy(desc(nightlyReports.id))
    .limit(1)
  return row ?? null
}
