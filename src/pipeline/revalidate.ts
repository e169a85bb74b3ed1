import type { Db } from '../db/connect.ts'
import { Fault } from '../errors.ts'
import { type FullTask, findTask } from '../query/tasks.ts'
import { type AgainServices, type RanAgain, validateAgain } from '../validation/again.ts'
import { type Standing, settleValidation, stalestTasks } from '../validation/standing.ts'

export interface RevalidateOptions {
  readonly db: Db
  /** The system of this machine: tasks of others are theirs to look at. */
  readonly root: string
  /** What a task's runs need of this machine. */
  readonly servicesFor: (task: FullTask) => AgainServices
  /** No task is begun after so long; the one that runs then comes to its end. */
  readonly seconds: number
  /** At most so many tasks. */
  readonly limit: number
  readonly signal?: AbortSignal
}

export interface Revalidated {
  readonly task: string
  /** `fault`: the machine's failure. The task stays as it is, and stays among the first. */
  readonly standing: Standing | 'fault'
  readonly validated: RanAgain | null
}

/** Validates the tasks again whose lists were looked at longest ago, as many as the time allows, and quarantines what no longer holds. */
export async function* revalidate(options: RevalidateOptions): AsyncGenerator<Revalidated> {
  const deadline = Date.now() + options.seconds * 1000
  for (const name of await stalestTasks(options.db, options.root, options.limit)) {
    if (Date.now() >= deadline || options.signal?.aborted) return
    const task = await findTask(options.db, name, { owners: null })
    // Erased since.
    if (task !== null) yield await revalidateOne(options, name, task)
  }
}

async function revalidateOne(options: RevalidateOptions, name: string, task: FullTask): Promise<Revalidated> {
  try {
    const validated = await validateAgain(options.servicesFor(task), task)
    return { task: name, validated, standing: await settleValidation(options.db, task.id, validated) }
  } catch (error) {
    options.signal?.throwIfAborted()
    if (!(error instanceof Fault)) throw error
    return { task: name, validated: null, standing: 'fault' }
  }
}
