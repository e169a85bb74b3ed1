import type { RepositorySettings } from '../model/index.ts'

/** Seconds that a run may take: what the owners say, never more than the operator's own limit. */
export function runSecondsFor(settings: RepositorySettings | null, operatorSeconds: number): number {
  const minutes = settings?.limits?.run_minutes
  return minutes === undefined ? operatorSeconds : Math.min(operatorSeconds, minutes * 60)
}
