import { openFolderBlobs } from '../../blobs/folder.ts'
import type { Config } from '../../config.ts'
import { GRADE_CHANNEL } from '../../db/grade-channel.ts'
import { listenOn } from '../../db/listen.ts'
import type { Log } from '../../log.ts'
import { makeDeliveryStore } from '../../pipeline/github/deliveries.ts'
import { addGradesWith } from '../../pipeline.ts'
import { aborted } from '../aborted.ts'
import { registerApi } from '../api/api.ts'
import { type GitHubDoor, openDoor } from '../github-app/door.ts'
import { openConfiguredDatabase, openMachine, withQueue } from '../machine.ts'
import { schedules, startWork, type WorkerReport, type WorkerRequest } from '../worker/work.ts'
import { registerHealth } from './health.ts'
import { listen } from './listen.ts'
import { makeMetrics } from './metrics.ts'
import { runSetUp } from './set-up.ts'
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

/** Serves webhooks, health and metrics until it is told to stop; without an App, the page that makes one. */
export async function runServer(config: Config, log: Log, request: ServeRequest, report: ServeReport): Promise<void> {
  const door = openDoor(config, log)
  if (door?.probot == null) return runSetUp(config, log, report)
  const { worker } = request
  if (worker === null) {
    const database = await openConfiguredDatabase(config)
    const opened = { database, workshop: null, close: () => database.close() }
    return serve(config, log, door, opened, worker, report)
  }
  return serve(config, log, door, await openMachine(config, worker.concurrency, door.access), worker, report)
}

type Opened = { workshop: Awaited<ReturnType<typeof openMachine>>['workshop'] | null } & Pick<
  Awaited<ReturnType<typeof openMachine>>,
  'database' | 'close'
>

async function serve(
  config: Config,
  log: Log,
  door: GitHubDoor,
  { database, workshop, close }: Opened,
  worker: WorkerRequest | null,
  report: ServeReport,
): Promise<void> {
  const { probot } = door
  if (probot === null) throw new Error('a server without an App')
  try {
    await withQueue(
      database,
      log,
      () => worker?.graceSeconds ?? 0,
      async (queue) => {
        const metrics = makeMetrics(database.db, log)
        const web = makeWeb(log)
        registerHealth(web, database.db, metrics)
        registerWebhooks(web, {
          verify: (body, signature) => probot.webhooks.verify(body, signature),
          store: makeDeliveryStore(database.db, queue),
          counted: metrics.delivered,
          log,
        })
        const heardGrades = listenOn(database.settings, GRADE_CHANNEL, log)
        try {
          const addGrades = addGradesWith(queue)
          await registerApi(web, {
            ...{ db: database.db, blobs: await openFolderBlobs(config.blobs), log, addGrades, heardGrades },
          })
          await probot.ready()
          const address = await listen(web, config.listen)
          const beside =
            workshop === null || worker === null
              ? null
              : await startWork({ config, workshop, queue, door, log }, worker, report.settled)
          report.ready(address, false)
          await aborted(report.signal)
          await beside?.stop()
        } finally {
          // No more deliveries first; those on their way are answered.
          await web.close()
          await heardGrades.close()
        }
      },
      schedules,
    )
  } finally {
    await close()
  }
}
