import { randomUUID } from 'node:crypto'
import { and, eq, sql } from 'drizzle-orm'
import { fromDrizzle, type JobAttempt, type PgBoss } from 'pg-boss'
import type { Db, Tx } from '../db/connect.ts'
import { isDead, thisProcess } from '../db/process-identity.ts'
import { jobsInHand, workers } from '../db/schema.ts'
import { type Ended, noteTime } from './job-times.ts'

/** Serialises what decides over others' jobs: coming, going, and finding somebody dead. */
const LOCK = 7_101_003
/** How often in all a job may be taken over from killed workers without using up its retries: it may be what kills them. */
const MOST_TAKEOVERS = 50

export interface HeldJob extends JobAttempt {
  readonly queue: string
}

/** Who takes jobs, what each has in hand, and the return of what a dead one held. */
export interface Workers {
  /** Registers this process, after giving back what nobody alive has in hand. */
  arrive(): Promise<void>
  /** Notes that this process has the job in hand. */
  take(job: HeldJob): Promise<void>
  /** Notes that it has not any more, and how its attempt ended. */
  drop(job: HeldJob, ended: Ended): Promise<void>
  /** Back into the queue at once, without using up a retry. Does nothing where the attempt is over already. */
  giveBack(job: HeldJob): Promise<void>
  /** Gives back what dead processes of this host had in hand. */
  sweep(): Promise<void>
  /** Gives back what this process still has in hand, and unregisters it. */
  leave(): Promise<void>
}

/** `names` are the queues of this project; `retryLimit` is what they are made with. */
export function makeWorkers(db: Db, boss: PgBoss, names: readonly string[], retryLimit: number): Workers {
  const id = randomUUID()
  const give = (tx: Tx, job: HeldJob) => giveBack(tx, boss, job, retryLimit)
  const inHand = (jobId: string) => and(eq(jobsInHand.jobId, jobId), eq(jobsInHand.workerId, id))
  const serialised = (work: (tx: Tx) => Promise<void>) =>
    db.transaction(async (tx) => {
      await tx.execute(sql`select pg_advisory_xact_lock(${LOCK})`)
      await work(tx)
    })
  const sweep = async (tx: Tx): Promise<void> => {
    for (const worker of await tx.select().from(workers)) {
      if (isDead(worker)) await bury(tx, worker.id, give)
    }
  }
  return {
    arrive: () =>
      serialised(async (tx) => {
        await sweep(tx)
        if ((await tx.$count(workers)) === 0) await giveBackOrphans(tx, names, give)
        await tx.insert(workers).values({ id, ...thisProcess() })
      }),
    take: async (job) => {
      const held = { queue: job.queue, retryCount: job.retryCount, workerId: id }
      await db
        .insert(jobsInHand)
        .values({ jobId: job.id, ...held })
        .onConflictDoUpdate({ target: jobsInHand.jobId, set: { ...held, takenAt: sql`now()` } })
    },
    drop: async (job, ended) => {
      await db.delete(jobsInHand).where(inHand(job.id))
      await noteTime(db, job.queue, ended)
    },
    giveBack: (job) =>
      db.transaction(async (tx) => {
        await tx.delete(jobsInHand).where(inHand(job.id))
        await give(tx, job)
      }),
    sweep: () => serialised(sweep),
    leave: () => serialised((tx) => bury(tx, id, give)),
  }
}

type Give = (tx: Tx, job: HeldJob) => Promise<void>

async function bury(tx: Tx, workerId: string, give: Give): Promise<void> {
  const held = await tx.delete(jobsInHand).where(eq(jobsInHand.workerId, workerId)).returning()
  for (const job of held) await give(tx, { queue: job.queue, id: job.jobId, retryCount: job.retryCount })
  await tx.delete(workers).where(eq(workers.id, workerId))
}

/** Nobody works: what is active was fetched by a process that died before it could note that. */
async function giveBackOrphans(tx: Tx, names: readonly string[], give: Give): Promise<void> {
  const { rows } = await tx.execute<{ id: string; name: string; retry_count: number }>(
    sql`select id, name, retry_count from pgboss.job where state = 'active' and name in ${[...names]}`,
  )
  for (const row of rows) await give(tx, { queue: row.name, id: row.id, retryCount: row.retry_count })
}

async function giveBack(tx: Tx, boss: PgBoss, job: HeldJob, retryLimit: number): Promise<void> {
  const db = fromDrizzle(tx, sql)
  const [found] = await boss.findJobs(job.queue, { id: job.id, db })
  if (found?.state !== 'active' || found.retryCount !== job.retryCount) return
  const attempt = { id: job.id, retryCount: job.retryCount }
  if (found.retryLimit >= retryLimit + MOST_TAKEOVERS) {
    await boss.fail(job.queue, attempt, { message: 'every process that had it in hand was killed' }, { db })
    return
  }
  // Failing it would park a job that is at its last attempt; cancelled and resumed it is as if it had not been taken.
  await boss.cancel(job.queue, attempt, { db })
  await boss.resume(job.queue, job.id, { db })
  await boss.update(job.queue, undefined, { id: job.id, startAfter: 0, retryLimit: found.retryLimit + 1, db })
}
