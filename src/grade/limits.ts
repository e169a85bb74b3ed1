import type { FullTask } from '../query/tasks.ts'

/** Grades go before mining on a machine that does both. */
export const GRADE_PRIORITY = 100

/** A grade's run may take so much longer than the task's own after-run, and never less than a minute. */
const SLOWER = 3
const LEAST_SECONDS = 60

/** The time limit of one run of a grade, builds and tests together. `most`: what any run may take. */
export function gradeSeconds({ afterSeconds }: Pick<FullTask, 'afterSeconds'>, most: number): number {
  return Math.min(most, Math.max(LEAST_SECONDS, afterSeconds * SLOWER + 30))
}
