import type { GradeResult } from '../db/schema.ts'
import type { Verdict } from '../model/index.ts'

/** A prediction that was graded. */
export interface GradedPrediction {
  readonly verdict: Verdict
  readonly result: GradeResult
  readonly passToPass: readonly string[]
}

/** SWE-bench's `report.json` of one instance: its own keys, in its order. */
export function instanceReport(instance: string, { verdict, result, passToPass }: GradedPrediction) {
  const isFault = verdict === 'fault'
  return {
    [instance]: {
      patch_is_None: false,
      patch_exists: true,
      patch_successfully_applied: verdict !== 'patch-rejected' && !(isFault && result.run === null),
      resolved: verdict === 'resolved',
      infra_failure: isFault,
      ...(isFault ? { infra_failure_reason: reasonOf(result) } : {}),
      ...(result.run === null ? {} : { tests_status: testsStatus(result, passToPass) }),
    },
  }
}

/** The machine's word for what failed, or that the fix ended as badly in the same place. */
export function reasonOf({ detail, run }: GradeResult): string {
  return run === null ? (detail?.split(':')[0] ?? 'fault') : `control_${run.ended.replaceAll('-', '_')}`
}

/** Tests that fail after the fix, too, are in no list of ours: those two of SWE-bench's four stay empty. */
function testsStatus({ failToPass, passToPass: { failed } }: GradeResult, passToPass: readonly string[]) {
  const lost = new Set(failed)
  return {
    FAIL_TO_PASS: { success: failToPass.passed, failure: failToPass.failed },
    PASS_TO_PASS: { success: passToPass.filter((test) => !lost.has(test)), failure: failed },
    FAIL_TO_FAIL: { success: [], failure: [] },
    PASS_TO_FAIL: { success: [], failure: [] },
  }
}

/** What became of each prediction, by instance. */
export interface RunTally {
  /** Predictions that count, those for unknown tasks included. */
  readonly submitted: readonly string[]
  readonly unknown: readonly string[]
  readonly empty: readonly string[]
  readonly resolved: readonly string[]
  readonly unresolved: readonly string[]
  /** Faults, with their reasons: among `unresolved`, too, as SWE-bench counts what its own harness failed at. */
  readonly faults: ReadonlyMap<string, string>
}

/** SWE-bench's summary of a run (`swebench.harness.reporting`, schema version 2). */
export function runReport(tally: RunTally) {
  const { submitted, unknown, empty, resolved, unresolved, faults } = tally
  const completed = [...resolved, ...unresolved]
  return {
    total_instances: submitted.length - unknown.length,
    submitted_instances: submitted.length,
    completed_instances: completed.length,
    resolved_instances: resolved.length,
    unresolved_instances: unresolved.length,
    infra_failure_instances: faults.size,
    ambiguous_failure_instances: 0,
    empty_patch_instances: empty.length,
    error_instances: 0,
    completed_ids: sorted(completed),
    incomplete_ids: [],
    empty_patch_ids: sorted(empty),
    submitted_ids: sorted(submitted),
    resolved_ids: sorted(resolved),
    unresolved_ids: sorted(unresolved),
    infra_failure_ids: sorted([...faults.keys()]),
    ambiguous_failure_ids: [],
    failure_reasons: Object.fromEntries([...faults].sort(([a], [b]) => (a < b ? -1 : 1))),
    error_ids: [],
    schema_version: 2,
    unknown_ids: sorted(unknown),
  }
}

function sorted(names: readonly string[]): string[] {
  return [...names].sort()
}
