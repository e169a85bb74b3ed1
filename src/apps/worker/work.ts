import type { Config } from '../../config.ts'
import type { Log } from '../../log.ts'
import { defaultLimits, handlersOf, type JobName, jobNames } from '../../pipeline.ts'
import { withMachine, withQueue } from '../machine.ts'

export interface WorkerRequest {
  /** Stages to do the jobs of; all where it is null. */
  readonly stages: readonly JobName[] | null
  /** Jobs of each stage side by side, and candidates that share the cores. */
  readonly concurrency: number
  /** How long running jobs may take to end once the worker is told to stop; what is left is given back. */
  readonly graceSeconds: number
}

export interface WorkerReport {
  /** Called once jobs are taken. */
  ready(): void
  /** Called for each candidate whose job of a stage ended. */
  settled(candidate: number, stage: JobName): void
  readonly signal: AbortSignal
}

/**
 * Takes the stages' jobs until it is told to stop. Any number of workers share one database: a job is one worker's, and where that
 * one dies its jobs are given to the others.
 */
export async function runWorker(config: Config, log: Log, request: WorkerRequest, report: WorkerReport): Promise<void> {
  const names = request.stages ?? jobNames
  await withMachine(config, request.concurrency, ({ database, workshop }) =>
    withQueue(
      database,
      log,
      () => request.graceSeconds,
      async (queue) => {
        const handlers = handlersOf(workshop, queue, defaultLimits, report.settled)
        await queue.work(Object.fromEntries(names.map((name) => [name, handlers[name]])), {
          // Publications take turns in the database anyway.
          concurrency: Object.fromEntries(names.map((name) => [name, name === 'publish' ? 1 : request.concurrency])),
        })
        report.ready()
        await aborted(report.signal)
      },
    ),
  )
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
