import type { StoredRun } from '../test-runs/run-store.ts'

/**
 * How long a run of an unfixed state may take, in seconds, builds and tests together, beside the fixed state's first run: five times as long, and two minutes;
 * at least three. What it has not done by then hangs, and a grade waits for less (`gradeSeconds`).
 */
export function unfixedSeconds({ seconds }: Pick<StoredRun, 'seconds'>): number {
  return Math.max(180, seconds * 5 + 120)
}
