import { sql } from 'drizzle-orm'
import { fromDrizzle, PgBoss } from 'pg-boss'
import { isConnectionError } from '../db/away.ts'
import type { Database } from '../db/connect.ts'
import { SturdyClient } from '../db/pool.ts'
import { Fault, messageOf } from '../errors.ts'
import type { Log, LogFields } from '../log.ts'
import { listDead, retryDead } from './dead.ts'
import { ensureQueues, type RetryPolicy } from './queues.ts'
import type { JobCounts, JobData, Queue } from './types.ts'
import { type Working, work } from './work.ts'
import { makeWorkers } from './workers.ts'

export interface QueueOptions {
  readonly log: Log
  /** What a job is about: its lines in the log carry it. */
  readonly about?: (name: string, data: object) => Promise<LogFields>
  /** 3 retries, the first after 5 seconds, where it is left out. */
  readonly retry?: RetryPolicy
  /** Job name → cron expression (UTC) by which one is added; however many processes say so, it is one. */
  readonly schedules?: Readonly<Record<string, string>>
  /** Most connections of its pool; one more listens. */
  readonly connections?: number
}

/**
 * pg-boss in the same database (its own schema `pgboss`), on a pool of its own. `names` are all job names of the project.
 * Stop it before the database is closed.
 */
export async function createQueue<Jobs extends JobData>(
  database: Database,
  names: readonly (keyof Jobs & string)[],
  options: QueueOptions,
): Promise<Queue<Jobs>> {
  const retry = options.retry ?? { limit: 3, delaySeconds: 5 }
  const boss = await startBoss(database, names, retry, options)
  const workers = makeWorkers(database.db, boss, names, retry.limit)
  let working: Working | null = null
  return {
    add: async (tx, name, data, { key, priority = 0 }) => {
      const id = await boss.send(name, data, { db: fromDrizzle(tx, sql), singletonKey: key, priority })
      return id !== null
    },
    addAll: async (tx, name, jobs) => {
      const rows = jobs.map(({ data, key, priority = 0 }) => ({ data, singletonKey: key, priority }))
      if (rows.length > 0) await boss.insert(name, rows, { db: fromDrizzle(tx, sql) })
    },
    work: async (handlers, workOptions = {}) => {
      if (working !== null) throw new Error('this queue works already')
      working = await work({ boss, workers, about: options.about, log: options.log }, handlers, workOptions)
    },
    counts: () => countJobs(database, names),
    dead: () => listDead(boss),
    retry: (id) => retryDead(boss, id),
    stop: async (graceSeconds = 30) => {
      await working?.stop(graceSeconds)
      await boss.stop({ graceful: true, timeout: 1000 })
    },
  }
}

async function startBoss(
  database: Database,
  names: readonly string[],
  retry: RetryPolicy,
  options: QueueOptions,
): Promise<PgBoss> {
  const { log, schedules } = options
  const boss = new PgBoss({
    ...poolSettings(database),
    max: options.connections ?? 4,
    application_name: 'quarry queue',
    useListenNotify: true,
    superviseIntervalSeconds: 30,
    monitorIntervalSeconds: 30,
    schedule: schedules !== undefined,
    registerInstance: false,
  })
  boss.on('error', (error) => log.warn({ error: messageOf(error) }, 'queue failed in the background'))
  boss.on('warning', (warning) => log.debug({ warning }, 'queue warns'))
  try {
    await boss.start()
    await ensureQueues(boss, names, retry)
    for (const [name, cron] of Object.entries(schedules ?? {})) await boss.schedule(name, cron, {}, { tz: 'UTC' })
    return boss
  } catch (cause) {
    // What it has begun would keep the process for ever.
    await boss.stop({ graceful: false })
    if (!isConnectionError(cause)) throw cause
    throw new Fault('database-away', `The database went away: ${messageOf(cause)}`, { cause })
  }
}

/** pg-boss names the same settings as node-postgres, with narrower types. */
function poolSettings({ settings }: Database) {
  const { connectionString, host, port, user, database } = settings
  // pg-boss hands all of it on to node-postgres's pool.
  const sturdy = { Client: SturdyClient }
  if (connectionString !== undefined) return { connectionString, ...sturdy }
  return {
    ...sturdy,
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    ...(user === undefined ? {} : { user }),
    ...(database === undefined ? {} : { database }),
    password: '',
    ssl: false,
  }
}

async function countJobs(database: Database, names: readonly string[]): Promise<ReadonlyMap<string, JobCounts>> {
  const { rows } = await database.db.execute<{ name: string; queued: number; active: number }>(sql`
    select name, count(*) filter (where state < 'active')::int as queued, count(*) filter (where state = 'active')::int as active
    from pgboss.job where name in ${[...names]} and state <= 'active' group by name`)
  return new Map(rows.map(({ name, queued, active }) => [name, { queued, active }]))
}
