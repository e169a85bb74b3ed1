import { defaultMiner } from '../../../miners/index.ts'
import type { Config } from '../../config.ts'
import type { Log } from '../../log.ts'
import { renewSignals } from '../../outcomes/index.ts'
import { cleanUp } from '../../pipeline/clean-up.ts'
import type { GitHubIntake } from '../../pipeline/github/take-in-pulls.ts'
import { type NightlyReport, runNightly } from '../../pipeline/nightly.ts'
import { revalidate } from '../../pipeline/revalidate.ts'
import type { Workshop } from '../../pipeline/workshop.ts'
import { addNextWith, type Jobs } from '../../pipeline.ts'
import type { Queue } from '../../queue/types.ts'
import { type GitHubDoor, openDoor } from '../github-app/door.ts'
import { gradeServices } from '../grading.ts'
import { withMachine, withQueue } from '../machine.ts'
import type { Around } from './work.ts'

/** Time in which stored tasks are validated again each night, and how many at most. */
const revalidation = { seconds: 2 * 3600, limit: 500 }

/** `quarry nightly`: all of it at once, in this process. What it finds is put in the queue for the workers. */
export async function nightlyNow(
  config: Config,
  log: Log,
  repository: string | null,
  signal: AbortSignal,
): Promise<NightlyReport> {
  const door = openDoor(config, log)
  return withMachine(
    config,
    1,
    ({ workshop, database }) =>
      withQueue(
        database,
        log,
        () => 0,
        (queue) => nightlyOn({ config, workshop, queue, door, log }, repository, signal),
      ),
    door?.access ?? null,
  )
}

/** The nightly run with what a process has open already. */
export async function nightlyOn(
  { config, workshop, queue, door, log }: Around,
  repository: string | null,
  signal: AbortSignal,
): Promise<NightlyReport> {
  const { db } = workshop.database
  const { home, diskBudgetBytes: disk, logDays, auditDays } = config
  return runNightly({
    ...{ db, queue, log, signal, repository, bounds: config.backfill },
    intake: door?.probot == null ? null : intakeOf(workshop, queue, door, signal),
    revalidate: () =>
      revalidate({
        db,
        root: workshop.root,
        ...revalidation,
        signal,
        servicesFor: (task) => gradeServices(workshop, db, task, signal),
      }),
    cleanUp: async () => {
      await renewSignals(db, config.signalAttempts)
      return cleanUp({
        home,
        db,
        blobs: workshop.blobs,
        sources: workshop.sources,
        budgets: { disk, logDays, auditDays },
        signal,
      })
    },
  })
}

function intakeOf(workshop: Workshop, queue: Queue<Jobs>, door: GitHubDoor, signal: AbortSignal): GitHubIntake {
  const { database, mirrors, sources } = workshop
  return {
    db: database.db,
    mirrors,
    sources,
    github: door.access,
    miner: defaultMiner,
    addNext: addNextWith(queue, 0),
    signal,
  }
}
