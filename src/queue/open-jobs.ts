import { type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import type { Executor } from '../db/connect.ts'

/** Whether a job of that name and id waits or runs, as a condition. Only where a queue was opened before: it makes the table. */
export function isOpenJob(name: string, id: SQLWrapper): SQL {
  return sql`exists (select 1 from pgboss.job open_job where open_job.name = ${name} and open_job.id = ${id} and open_job.state < 'completed')`
}

/** How many jobs of that name wait or run, by their priority. */
export async function openJobsByPriority(db: Executor, name: string): Promise<ReadonlyMap<number, number>> {
  const { rows } = await db.execute<{ priority: number; jobs: number }>(
    sql`select priority, count(*)::int as jobs from pgboss.job where name = ${name} and state < 'completed' group by priority`,
  )
  return new Map(rows.map(({ priority, jobs }) => [priority, jobs]))
}

/** Lets go of the jobs of that name and priority that wait. */
export async function dropWaitingJobs(db: Executor, name: string, priority: number): Promise<void> {
  await db.execute(sql`delete from pgboss.job where name = ${name} and priority = ${priority} and state < 'active'`)
}
