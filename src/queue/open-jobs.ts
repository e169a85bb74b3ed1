import { type SQL, type SQLWrapper, sql } from 'drizzle-orm'

/** Whether a job of that name and id waits or runs, as a condition. Only where a queue was opened before: it makes the table. */
export function isOpenJob(name: string, id: SQLWrapper): SQL {
  return sql`exists (select 1 from pgboss.job open_job where open_job.name = ${name} and open_job.id = ${id} and open_job.state < 'completed')`
}

/** How many jobs of that name wait or run, as a scalar. */
export function openJobs(name: string): SQL {
  return sql`(select count(*)::int from pgboss.job open_job where open_job.name = ${name} and open_job.state < 'completed')`
}
