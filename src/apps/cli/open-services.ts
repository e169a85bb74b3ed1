import type { Db } from '../../db/connect.ts'
import { type ParkedJob, parkedJobs, retryAllParked, retryParked } from '../../pipeline/parked-jobs.ts'
import type { Jobs } from '../../pipeline.ts'
import { ledger } from '../../query/ledger.ts'
import type { Queue } from '../../queue/types.ts'
import { createSandbox } from '../../sandboxes/index.ts'
import { openConfiguredDatabase, withDatabase, withQueue } from '../machine.ts'
import { forget, unforget } from './actions/forget.ts'
import { gradePatch } from './actions/grade.ts'
import { gradePredictions } from './actions/grade-predictions.ts'
import { changeLease, leaseTasks } from './actions/leases.ts'
import { mineRepository } from './actions/mine.ts'
import { checkoutTask, describeTask, listTasks, taskPatch } from './actions/tasks.ts'
import { endToken, makeToken, servingLines, tokenLines } from './actions/tokens.ts'
import { validateTasks } from './actions/validate.ts'
import { diagnose } from './doctor.ts'
import type { JobLine } from './lines.ts'
import { bringUpToDate } from './migrate-database.ts'
import type { CandidateFilter, ServiceOptions, Services } from './services.ts'

/** Where the parts are put together: the only place that knows which sandbox, store and queue the configuration names. */
export function openServices(options: ServiceOptions): Services {
  const { config, log } = options
  return {
    mine: (request, report) => mineRepository(options, request, report),
    // Probot and Fastify are for these alone: other commands start sooner without.
    worker: async (request, report) => (await import('../worker/work.ts')).runWorker(config, log, request, report),
    serve: async (request, report) => (await import('../server/serve.ts')).runServer(config, log, request, report),
    nightly: async (repository, signal) =>
      (await import('../worker/nightly.ts')).nightlyNow(config, log, repository, signal),
    forecast: async (repository, report) =>
      (await import('../worker/forecast.ts')).forecastNow(config, log, repository, report),
    tasks: (filter) => listTasks(config, filter),
    task: (id) => describeTask(config, id),
    patch: (id, part) => taskPatch(config, id, part),
    candidates: (filter) => listCandidates(options, filter),
    checkout: (id, directory) => checkoutTask(config, id, directory),
    grade: (id, patch, signal) => gradePatch(options, id, patch, signal),
    gradePredictions: (request, report) => gradePredictions(options, request, report),
    validate: (ids, signal) => validateTasks(options, ids, signal),
    forget: (request, confirm) => forget(config, request, confirm),
    unforget: (request) => unforget(config, request),
    // The formats' libraries and the bundler are for it alone.
    exportTasks: async (format, out, filter) =>
      (await import('./actions/export.ts')).exportTasks(config, format, out, filter),
    deadJobs: () => parked(options, async (db, queue) => (await parkedJobs(db, queue)).map(jobLine)),
    retryJobs: (id) =>
      parked(options, async (db, queue) => {
        if (id === null) return retryAllParked(db, queue)
        await retryParked(db, queue, id)
        return { retried: [id], left: [] }
      }),
    createToken: (wanted) => makeToken(config, wanted),
    tokens: () => tokenLines(config),
    revokeToken: (name) => endToken(config, name),
    servings: (asked) => servingLines(config, asked),
    lease: (request) => leaseTasks(config, request),
    changeLease: (id, change) => changeLease(config, id, change),
    tellOutcomes: async (told) => (await import('./actions/outcomes.ts')).tellOutcomes(config, told),
    suspects: async (asked) => (await import('./actions/outcomes.ts')).listSuspects(config, asked),
    doctor: () =>
      diagnose(config, () => createSandbox(config.sandbox, { home: config.home, node: process.execPath }).inspect()),
    migrate: () => bringUpToDate(config),
  }
}

async function* listCandidates({ config }: ServiceOptions, filter: CandidateFilter) {
  const database = await openConfiguredDatabase(config)
  try {
    yield* ledger(database.db, filter)
  } finally {
    await database.close()
  }
}

function parked<T>({ config, log }: ServiceOptions, work: (db: Db, queue: Queue<Jobs>) => Promise<T>): Promise<T> {
  return withDatabase(config, (database) =>
    withQueue(
      database,
      log,
      () => 0,
      (queue) => work(database.db, queue),
    ),
  )
}

function jobLine({ id, name, key, about, error, diedAt }: ParkedJob): JobLine {
  return { id, name, key, about, error, died_at: diedAt.toISOString() }
}
