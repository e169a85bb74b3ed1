import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import type { Config } from '../config.ts'
import { type Database, openDatabase } from '../db/connect.ts'
import type { GitHubAccess } from '../github/index.ts'
import { type Log, makeLog } from '../log.ts'
import { subjectOf } from '../pipeline/subjects.ts'
import { openWorkshop, type Workshop } from '../pipeline/workshop.ts'
import { type Jobs, jobNames } from '../pipeline.ts'
import { createQueue } from '../queue/queue.ts'
import type { Queue } from '../queue/types.ts'

export interface Machine {
  readonly database: Database
  readonly workshop: Workshop
}

/** The database that the configuration names. */
export function openConfiguredDatabase(config: Config): Promise<Database> {
  return openDatabase({ databaseUrl: config.databaseUrl ?? undefined, home: config.home })
}

/** Opens the database for a command that needs nothing else, and closes it after. */
export async function withDatabase<T>(config: Config, work: (database: Database) => Promise<T>): Promise<T> {
  const database = await openConfiguredDatabase(config)
  try {
    return await work(database)
  } finally {
    await database.close()
  }
}

/** Opens database, sandbox, stores and registries for a command that runs tests; `close` lets all of them go. */
export async function openMachine(
  config: Config,
  concurrency: number,
  github: GitHubAccess | null = null,
): Promise<Machine & { close(): Promise<void> }> {
  const database = await openConfiguredDatabase(config)
  try {
    const workshop = await openWorkshop(database, {
      home: config.home,
      blobs: config.blobs,
      sandbox: config.sandbox,
      rootfs: config.rootfs,
      diskBudget: config.diskBudgetBytes,
      installCredentials: config.installCredentials,
      cores: allowedCores(),
      concurrency,
      environment: config.environment,
      github,
      log: makeLog(config.logLevel),
    })
    return { database, workshop, close: () => workshop.close().finally(() => database.close()) }
  } catch (error) {
    await database.close()
    throw error
  }
}

/** The same around one piece of work. */
export async function withMachine<T>(
  config: Config,
  concurrency: number,
  work: (machine: Machine) => Promise<T>,
  github: GitHubAccess | null = null,
): Promise<T> {
  const machine = await openMachine(config, concurrency, github)
  try {
    return await work(machine)
  } finally {
    await machine.close()
  }
}

export async function withQueue<T>(
  database: Database,
  log: Log,
  graceSeconds: () => number,
  work: (queue: Queue<Jobs>) => Promise<T>,
  schedules?: Readonly<Record<string, string>>,
): Promise<T> {
  const queue = await createQueue<Jobs>(database, jobNames, {
    log,
    about: (name, data) => subjectOf(database.db, name, data),
    ...(schedules === undefined ? {} : { schedules }),
  })
  try {
    return await work(queue)
  } finally {
    await queue.stop(graceSeconds())
  }
}

/** The processors that this process may use: a container or `taskset` may leave it fewer than the machine has. */
export function allowedCores(): number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? ''
  const cores = list.split(',').flatMap((part) => {
    const [first, last = first] = part.split('-').map(Number)
    if (first === undefined || last === undefined) return []
    return Array.from({ length: last - first + 1 }, (_, at) => first + at)
  })
  return cores.slice(0, availableParallelism())
}
