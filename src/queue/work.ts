import { setTimeout as delay } from 'node:timers/promises'
import type { JobWithMetadata, PgBoss } from 'pg-boss'
import { isDatabaseAway } from '../db/away.ts'
import { Fault, messageOf } from '../errors.ts'
import { addLogFields, type Log, type LogFields, withLogFields } from '../log.ts'
import { faultKind } from './job-times.ts'
import type { Handlers, JobContext, JobData, WorkOptions } from './types.ts'
import type { HeldJob, Workers } from './workers.ts'

/** Polling is only the floor: NOTIFY wakes workers the moment a job's transaction commits. */
const POLL_SECONDS = 2
const SWEEP_SECONDS = 5
const ABORT_SECONDS = 5
const RETURN_SECONDS = 1

export interface Working {
  stop(graceSeconds: number): Promise<void>
}

/** Takes jobs of every name that has a handler. */
export async function work<Jobs extends JobData>(
  ground: Ground,
  handlers: Handlers<Jobs>,
  options: WorkOptions<Jobs>,
): Promise<Working> {
  const { boss, workers, log } = ground
  await workers.arrive()
  const stopping = new AbortController()
  const around: Surroundings = { ...ground, running: new Set(), stopping: stopping.signal, open: true }
  const names = Object.keys(handlers)
  for (const name of names) {
    const handler = handlers[name]
    if (handler === undefined) continue
    for (let hired = 0; hired < (options.concurrency?.[name] ?? 1); hired += 1)
      await hire(name, handler, around, options.lanes?.[name])
  }
  const sweeping = sweepRegularly(workers, log)
  return {
    stop: async (graceSeconds) => {
      around.open = false
      clearInterval(sweeping)
      for (const name of names) await boss.offWork(name, { wait: false })
      await settled(around.running, graceSeconds)
      stopping.abort(new Error('the process is stopping'))
      await settled(around.running, ABORT_SECONDS)
      await workers.leave()
    },
  }
}

type Handler<Data extends object> = (data: Data, context: JobContext) => Promise<void>

export interface Ground {
  readonly boss: PgBoss
  readonly workers: Workers
  readonly log: Log
  /** See `QueueOptions.about`. */
  readonly about: ((name: string, data: object) => Promise<LogFields>) | undefined
}

interface Surroundings extends Ground {
  readonly running: Set<Promise<void>>
  /** Aborts when the patience of a stop is at its end. */
  readonly stopping: AbortSignal
  /** False from the moment of a stop on: what is fetched then goes back. */
  open: boolean
}

const SETTINGS = {
  includeMetadata: true,
  batchSize: 1,
  pollingIntervalSeconds: POLL_SECONDS,
  notifyPollingIntervalSeconds: POLL_SECONDS,
} as const

/** One more that takes jobs of a name, one after the other. */
async function hire<Data extends object>(
  name: string,
  handler: Handler<Data>,
  around: Surroundings,
  lane: number | undefined,
): Promise<void> {
  let id = ''
  const settings = lane === undefined ? SETTINGS : { ...SETTINGS, minPriority: lane, maxPriority: lane }
  id = await around.boss.work<Data, void, typeof settings>(name, settings, async (jobs) => {
    // Asks for the next job right after this one; else a backlog would go at one job a poll.
    around.boss.notifyWorker(id)
    for (const job of jobs) {
      const done = attend(job, handler, around)
      around.running.add(done)
      await done.finally(() => around.running.delete(done))
    }
  })
}

/**
 * One job, once. What it throws makes pg-boss retry it or park it, unless it was cut short by a stop, or by a database that went away:
 * then it is given back.
 */
function attend<Data extends object>(
  job: JobWithMetadata<Data>,
  handler: Handler<Data>,
  around: Surroundings,
): Promise<void> {
  return withLogFields({ job: job.id, queue: job.name, attempt: job.retryCount + 1 }, () =>
    attempt(job, handler, around),
  )
}

async function attempt<Data extends object>(
  job: JobWithMetadata<Data>,
  handler: Handler<Data>,
  around: Surroundings,
): Promise<void> {
  const { workers, log } = around
  const held: HeldJob = { queue: job.name, id: job.id, retryCount: job.retryCount }
  if (!around.open) return workers.giveBack(held)
  const signal = AbortSignal.any([job.signal, around.stopping])
  const lastAttempt = job.retryCount >= job.retryLimit
  const started = performance.now()
  const seconds = () => Math.round(performance.now() - started) / 1000
  try {
    await workers.take(held)
    addLogFields((await around.about?.(job.name, job.data)) ?? {})
    await handler(job.data, { id: job.id, attempt: job.retryCount + 1, lastAttempt, signal })
    log.info({ seconds: seconds() }, 'job done')
    await workers.drop(held, { outcome: 'done', seconds: seconds() })
  } catch (error) {
    if (around.stopping.aborted) return await workers.giveBack(held)
    if (isDatabaseAway(error)) {
      log.error({ error: messageOf(error) }, 'the database is away: the job is given back when it answers')
      return await giveBackWhenThere(held, around)
    }
    const outcome = faultKind(error)
    log.warn({ fault: outcome, seconds: seconds(), parked: lastAttempt, error: messageOf(error) }, 'job failed')
    await workers.drop(held, { outcome, seconds: seconds() })
    throw asStored(error)
  }
}

/** Until then nobody could take it either; only its heartbeats, once they are overdue, would bring it to another worker. */
async function giveBackWhenThere(held: HeldJob, { workers, stopping }: Surroundings): Promise<void> {
  for (;;) {
    try {
      return await workers.giveBack(held)
    } catch (error) {
      if (!isDatabaseAway(error) || stopping.aborted) throw error
      // A wait that is cut short by a stop asks once more.
      await delay(RETURN_SECONDS * 1000, undefined, { signal: stopping }).catch(() => undefined)
    }
  }
}

/** pg-boss stores all that hangs on an error: requests, payloads, rows. Only what it says is for the operator. */
function asStored(error: unknown): Error {
  return new Error(error instanceof Fault && error.mend !== null ? `${error.message}; ${error.mend}` : messageOf(error))
}

async function settled(running: ReadonlySet<Promise<void>>, seconds: number): Promise<void> {
  const timer = new AbortController()
  const patience = delay(seconds * 1000, undefined, { signal: timer.signal }).catch(() => undefined)
  await Promise.race([Promise.allSettled(running), patience])
  timer.abort()
}

function sweepRegularly(workers: Workers, log: Log): NodeJS.Timeout {
  return setInterval(() => {
    workers.sweep().catch((error: unknown) => log.warn({ error: messageOf(error) }, 'looking for dead workers failed'))
  }, SWEEP_SECONDS * 1000).unref()
}
