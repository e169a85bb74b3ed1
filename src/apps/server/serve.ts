import type { FastifyInstance } from 'fastify'
import type { Config } from '../../config.ts'
import type { Database } from '../../db/connect.ts'
import { GRADE_CHANNEL } from '../../db/grade-channel.ts'
import { listenOn } from '../../db/listen.ts'
import type { Log } from '../../log.ts'
import { makeDeliveryStore } from '../../pipeline/github/deliveries.ts'
import type { Workshop } from '../../pipeline/workshop.ts'
import { addGradesWith, type Jobs } from '../../pipeline.ts'
import type { Queue } from '../../queue/types.ts'
import { aborted } from '../aborted.ts'
import { registerApi } from '../api/api.ts'
import { type GitHubDoor, openDoor } from '../github-app/door.ts'
import { openConfiguredDatabase, openMachine, withQueue } from '../machine.ts'
import { schedules, startWork, type WorkerReport, type WorkerRequest } from '../worker/work.ts'
import { closeWeb } from './close.ts'
import { registerHealth } from './health.ts'
import { listen } from './listen.ts'
import { type Metrics, makeMetrics } from './metrics.ts'
import { registerSetUp } from './set-up.ts'
import { openSnapshots } from './snapshots.ts'
import { makeWeb } from './web.ts'
import { registerWebhooks } from './webhooks.ts'

export interface ServeRequest {
  /** A worker inside this process; null: none. */
  readonly worker: WorkerRequest | null
}

export interface ServeReport extends Omit<WorkerReport, 'ready'> {
  /** Called once it listens. `setUp`: there is no App yet, and the page at the address makes one. */
  ready(address: string, setUp: boolean): void
}

interface Opened {
  readonly database: Database
  /** Null: no worker inside. */
  readonly workshop: Workshop | null
  close(): Promise<void>
}

interface Serving extends Opened {
  readonly config: Config
  readonly log: Log
  readonly door: GitHubDoor | null
  readonly worker: WorkerRequest | null
  readonly queue: Queue<Jobs>
}

/** Serves the API, health and metrics until it is told to stop; with an App its webhooks, without one the page that makes it. */
export async function runServer(
  config: Config,
  log: Log,
  { worker }: ServeRequest,
  report: ServeReport,
): Promise<void> {
  const door = openDoor(config, log)
  const opened = await open(config, door, worker)
  try {
    await withQueue(
      opened.database,
      log,
      () => worker?.graceSeconds ?? 0,
      (queue) => serve({ ...opened, config, log, door, worker, queue }, report),
      door?.probot == null ? undefined : schedules,
    )
  } finally {
    await opened.close()
  }
}

async function open(config: Config, door: GitHubDoor | null, worker: WorkerRequest | null): Promise<Opened> {
  if (worker !== null) return openMachine(config, worker.concurrency, door?.access ?? null)
  const database = await openConfiguredDatabase(config)
  return { database, workshop: null, close: () => database.close() }
}

async function serve(serving: Serving, report: ServeReport): Promise<void> {
  const { config, database, log, door, worker, workshop, queue } = serving
  const { db } = database
  const metrics = makeMetrics(db, log)
  const web = makeWeb(log)
  registerHealth(web, db, metrics)
  await registerGitHub(web, serving, metrics)
  const shelf = await openSnapshots({ config, db, github: door?.access ?? null, workshop, log })
  const heardGrades = listenOn(database.settings, GRADE_CHANNEL, log)
  try {
    const { blobs, snapshots, exports } = shelf
    const { rateLimits, signalAttempts } = config
    await registerApi(web, {
      db,
      blobs,
      snapshots,
      exports,
      log,
      rateLimits,
      signalAttempts,
      addGrades: addGradesWith(queue),
      heardGrades,
    })
    const address = await listen(web, config.listen)
    const beside =
      workshop === null || worker === null
        ? null
        : await startWork({ config, workshop, queue, door, log }, worker, report.settled)
    report.ready(address, door?.probot == null)
    await aborted(report.signal)
    await beside?.stop()
  } finally {
    // No more requests first; those on their way are answered.
    await closeWeb(web)
    await heardGrades.close()
    await shelf.close()
  }
}

async function registerGitHub(web: FastifyInstance, serving: Serving, metrics: Metrics): Promise<void> {
  const { config, database, log, door, queue } = serving
  const probot = door?.probot ?? null
  if (probot === null) return registerSetUp(web, config, log)
  registerWebhooks(web, {
    verify: (body, signature) => probot.webhooks.verify(body, signature),
    store: makeDeliveryStore(database.db, queue),
    counted: metrics.delivered,
    log,
  })
  await probot.ready()
}
