import { defaultMiner } from '../../../miners/index.ts'
import type { Config } from '../../config.ts'
import { messageOf, UserError } from '../../errors.ts'
import { asFault } from '../../github/index.ts'
import { mendGrades } from '../../grade/claim.ts'
import { laneOf } from '../../grade/system.ts'
import { workOffGrade } from '../../grade/work.ts'
import type { Log } from '../../log.ts'
import { settleDelivery, waitingDelivery } from '../../pipeline/github/deliveries.ts'
import { makeEvents } from '../../pipeline/github/events.ts'
import { feedbackSoon } from '../../pipeline/github/feedback.ts'
import { intakeHandlers } from '../../pipeline/github/handlers.ts'
import { intakeNames, type WorkName } from '../../pipeline/jobs.ts'
import { repeatedly, type Watch } from '../../pipeline/repeatedly.ts'
import type { Workshop } from '../../pipeline/workshop.ts'
import {
  addGradesWith,
  addNextWith,
  handlersOf,
  type Jobs,
  limitsWith,
  type StageName,
  stageNames,
} from '../../pipeline.ts'
import type { Handlers, Queue } from '../../queue/types.ts'
import { aborted } from '../aborted.ts'
import { githubApp } from '../github-app/app.ts'
import { type GitHubDoor, openDoor } from '../github-app/door.ts'
import { gradeBench } from '../grading.ts'
import { withMachine, withQueue } from '../machine.ts'
import { nightlyOn } from './nightly.ts'

export interface WorkerRequest {
  /** Stages to do the jobs of, or `intake`; all that this process can do where it is null. */
  readonly stages: readonly WorkName[] | null
  /** Jobs of each stage side by side, and candidates that share the cores. */
  readonly concurrency: number
  /** How long running jobs may take to end once the worker is told to stop; what is left is given back. */
  readonly graceSeconds: number
}

export interface WorkerReport {
  /** Called once jobs are taken. */
  ready(): void
  /** Called for each candidate whose job of a stage ended. */
  settled(candidate: number, stage: StageName): void
  readonly signal: AbortSignal
}

/** Reading GitHub waits far more than it works. */
const intakeConcurrency = 4

/**
 * Takes the stages' jobs until it is told to stop. Any number of workers share one database: a job is one worker's, and where that
 * one dies its jobs are given to the others.
 */
export async function runWorker(config: Config, log: Log, request: WorkerRequest, report: WorkerReport): Promise<void> {
  const door = openDoor(config, log)
  if (door === null && request.stages?.includes('intake') === true) {
    throw new UserError('the intake has no way to GitHub', { mend: 'set APP_ID, PRIVATE_KEY_PATH and WEBHOOK_SECRET' })
  }
  await withMachine(
    config,
    request.concurrency,
    ({ database, workshop }) =>
      withQueue(
        database,
        log,
        () => request.graceSeconds,
        async (queue) => {
          const beside = await startWork({ config, workshop, queue, door, log }, request, report.settled)
          report.ready()
          await aborted(report.signal)
          await beside.stop()
        },
        door?.probot == null ? undefined : schedules,
      ),
    door?.access ?? null,
  )
}

/** What a process that works has opened. */
export interface Around {
  readonly config: Config
  readonly workshop: Workshop
  readonly queue: Queue<Jobs>
  readonly door: GitHubDoor | null
  readonly log: Log
}

/** At night, in UTC. */
export const schedules = { nightly: '23 2 * * *' }

/** Takes the jobs that the request names, as far as this process can do them. What goes on beside them ends with `stop`. */
export async function startWork(
  around: Around,
  { stages, concurrency }: Omit<WorkerRequest, 'graceSeconds'>,
  settled: WorkerReport['settled'],
): Promise<Watch> {
  const { config, workshop, queue, door, log } = around
  const wanted = (name: WorkName) => stages === null || stages.includes(name)
  const { db } = workshop.database
  const told = (candidate: number, stage: StageName) => {
    settled(candidate, stage)
    // The nightly run asks again for what is lost here.
    feedbackSoon(db, queue, candidate).catch((error: unknown) =>
      log.warn({ candidate, error: messageOf(error) }, 'feedback not asked for'),
    )
  }
  const all = handlersOf(workshop, queue, limitsWith(config.runs), told)
  const chosen = stageNames.filter(wanted)
  const intake = door !== null && wanted('intake') ? await intakeOf({ ...around, door }) : {}
  const grades = wanted('grade') ? gradesOf(around) : {}
  await queue.work(
    { ...intake, ...grades, ...Object.fromEntries(chosen.map((name) => [name, all[name]])) },
    {
      concurrency: {
        grade: sideBySide(workshop.cores.total),
        ...Object.fromEntries(intakeNames.map((name) => [name, intakeConcurrency])),
        ...Object.fromEntries(chosen.map((name) => [name, concurrency])),
        // Publications take turns in the database anyway.
        publish: 1,
      },
      lanes: { grade: laneOf(workshop.root) },
    },
  )
  return repeatedly(MEND_MS, log, () => mendGrades(db, addGradesWith(queue)).then(() => undefined))
}

/** As many grades as the cores carry, and some more that are made ready, or put away, meanwhile: two beside two cores, four beside twelve. */
const sideBySide = (cores: number) => cores + 1 + Math.ceil(cores / 4)

/** Grades whose jobs were lost are looked for so often. */
const MEND_MS = 30_000

function gradesOf({ workshop, log }: Around): Handlers<Jobs> {
  const bench = gradeBench(workshop, log)
  log.info({ root: workshop.root }, 'takes grades')
  return { grade: (_, context) => workOffGrade(bench, context) }
}

async function intakeOf(around: Around & { door: GitHubDoor }): Promise<Handlers<Jobs>> {
  const { config, workshop, queue, door, log } = around
  const { db } = workshop.database
  const { access, probot } = door
  const handlers = intakeHandlers(workshop, {
    github: access,
    queue,
    miner: defaultMiner,
    addNext: (priority) => addNextWith(queue, priority),
    bounds: config.backfill,
  })
  if (probot === null) return handlers
  await probot.load(githubApp(makeEvents(db, queue, access)))
  return {
    ...handlers,
    async nightly(_, { signal }) {
      log.info({ report: await nightlyOn(around, null, signal) }, 'nightly run done')
    },
    async delivery({ delivery: guid }) {
      const delivery = await waitingDelivery(db, guid)
      if (delivery === null) return
      await probot
        .receive({ id: guid, name: delivery.event, payload: delivery.payload } as Parameters<typeof probot.receive>[0])
        .catch((error: unknown) => {
          throw firstOf(error)
        })
      await settleDelivery(db, guid)
    },
  }
}

/** Probot gathers what its handlers threw. */
function firstOf(error: unknown): unknown {
  if (!(error instanceof AggregateError)) return error
  const [first] = error.errors
  return first instanceof Error ? asFault(first) : new Error(messageOf(first))
}
