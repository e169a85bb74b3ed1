import type { FullTask } from '../../query/tasks.ts'
import type { VerifierSettings } from './settings.ts'

/** A run may take so much longer than the task's own after-run, and never less than two minutes: machines differ. */
const slower = 4

/** Wall time of one run of the tests, in seconds. */
export function runSeconds(task: FullTask): number {
  return Math.ceil(Math.max(120, task.afterSeconds * slower + 60))
}

/** What a work tree is judged by. The strategy's own files were for the install alone. */
export function verifierSettings(task: FullTask): VerifierSettings {
  const { baseTree, beforeTree, afterTree, changes, testPaths, tag } = task.snapshot
  return {
    task: task.name,
    ...{ tag, baseTree, beforeTree, afterTree, changes, testPaths },
    strategy: { ...task.strategy, overrides: [] },
    failToPass: task.failToPass,
    passToPass: task.passToPass,
    seconds: runSeconds(task),
  }
}
