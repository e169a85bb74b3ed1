import type { TestId } from '../../../model/index.ts'
import { failToPass, passToPass } from '../../../test-runs/compare.ts'
import { type Machine, openMachine } from '../../machine.ts'
import type { ValidationLine } from '../lines.ts'
import type { ServiceOptions } from '../services.ts'
import { gradeServices } from './grade.ts'
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
  const services = gradeServices(workshop, database.db, task, signal)
  const { before, after } = await services.withMirror(task, (mirror) =>
    services.withEnvironment(task, mirror, async (held) => ({
      before: await held.run(task.snapshot.beforeTree, null),
      after: await held.run(task.snapshot.afterTree, null),
    })),
  )
  const runs = [[before.ending.statuses], [after.ending.statuses]] as const
  const lost = {
    fail_to_pass: missing(task.failToPass, failToPass(...runs)),
    pass_to_pass: missing(task.passToPass, passToPass(...runs)),
  }
  const valid = lost.fail_to_pass.length === 0 && lost.pass_to_pass.length === 0
  return {
    task: task.name,
    valid,
    reason: valid ? null : 'the runs do not give the lists that the task holds',
    evidence: { lost, before: before.ending.ended, after: after.ending.ended },
    seconds: (Date.now() - started) / 1000,
  }
}

function missing(wanted: readonly TestId[], seen: readonly TestId[]): TestId[] {
  const there = new Set(seen)
  return wanted.filter((test) => !there.has(test))
}
