import { validateAgain } from '../../../validation/again.ts'
import { gradeServices } from '../../grading.ts'
import { type Machine, openMachine } from '../../machine.ts'
import type { ValidationLine } from '../lines.ts'
import type { ServiceOptions } from '../services.ts'
import { needTask } from './tasks.ts'

/** Runs stored tasks' states once more and says whether their lists still hold. The tasks themselves do not change. */
export async function* validateTasks(
  { config }: ServiceOptions,
  ids: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<ValidationLine> {
  const machine = await openMachine(config, 1)
  try {
    for (const id of ids) {
      signal.throwIfAborted()
      yield await validateTask(machine, id, signal)
    }
  } finally {
    await machine.close()
  }
}

async function validateTask({ database, workshop }: Machine, id: string, signal: AbortSignal): Promise<ValidationLine> {
  const started = Date.now()
  const task = await needTask(database.db, id)
  const { lost, evidence } = await validateAgain(gradeServices(workshop, database.db, task, signal), task)
  return {
    task: task.name,
    valid: lost === null,
    reason: lost,
    evidence,
    seconds: (Date.now() - started) / 1000,
  }
}
