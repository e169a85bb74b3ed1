import { createHash } from 'node:crypto'
import { UserError } from '../errors.ts'
import type { FullTask } from '../query/tasks.ts'

/** Whether a task's environment was made on a system of this name. */
export function isOfSystem(root: string, { environment }: Pick<FullTask, 'environment'>): boolean {
  return environment.root === root
}

/**
 * Throws UserError where a task's environment was made on another system (`environments.root`) than this one: what was installed and compiled
 * there may not run here, or run otherwise, and that would be taken for a patch's doing.
 */
export function assertSystem(root: string, task: Pick<FullTask, 'name' | 'environment'>): void {
  if (isOfSystem(root, task)) return
  const { name, environment } = task
  throw new UserError(`the environment of ${name} was made on ${environment.root}, and this machine is ${root}`, {
    mend: 'run it on a machine of that system, or mine the repository again on this one',
  })
}

/**
 * The priority of the jobs of grades that need a system, by which a worker takes those of its own alone. No order is meant by it: a number that
 * the queue can ask for, the same wherever it is worked out.
 */
export function laneOf(root: string): number {
  return createHash('sha256').update(root).digest().readUInt32BE(0) >>> 1
}
