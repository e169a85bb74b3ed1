import type { Evidence, Reason } from '../model/index.ts'
import { isExample, testId } from '../test-runs/statuses.ts'
import type { RunRecord } from '../test-runs/types.ts'
import { inSubmodule, outOfReach } from './out-of-reach.ts'

/** What the after-run says of a strategy. */
export interface Standing {
  readonly works: boolean
  readonly reason: Reason
  /** Tests that do not pass in the files that the change's tests are in; 0 is what a strategy should reach. */
  readonly failingTouched: number
  /** A submodule that the tests wanted something of, which no strategy can bring. */
  readonly missingSubmodule: string | null
  readonly evidence: Evidence
}

/**
 * A strategy works where the after-run came to its end and tests passed, some of them in the files that the change's tests
 * are in (where the framework tells files). Where none passes, the line is told that names a server, a network or a folder of `submodules`
 * that they wanted. Tests that fail after the fix too are no reason to give a strategy up.
 */
export function judge(record: RunRecord, testPaths: readonly string[], submodules: readonly string[] = []): Standing {
  const { ending } = record
  // Examples in documentation pass where no test compiles, and are no test of the change where they fail.
  const tests = record.plans.flatMap((plan) => plan.tests).filter((test) => !isExample(testId(test)))
  const passed = tests.filter(({ status }) => status === 'passed').length
  const touched = tests.filter(({ file }) => file !== null && testPaths.includes(file))
  const failingTouched = touched.filter(({ status }) => status === 'failed' || status === 'errored').length
  const plansEnded = record.plans.filter((plan) => plan.tests.length > 0).every((plan) => plan.complete)
  const evidence = {
    ended: ending.ended,
    passed,
    reported: tests.length,
    touched: touched.length,
    failing_touched: failingTouched,
    exit_code: record.exitCode,
  }
  const whole = ending.ended === 'completed' || (ending.ended === 'no-report' && plansEnded)
  // Where something passes, what the others could not reach is their own affair.
  const messages = tests.slice(0, 500).flatMap(({ message }) => message ?? [])
  const said = passed === 0 ? [record.log.toString(), ...messages] : []
  const wanted = outOfReach(said)
  // Commands name folders that nothing asked for.
  const missing = wanted === null ? inSubmodule(said.map(withoutCommands), submodules) : null
  const detail = wanted?.detail ?? missing?.detail
  return {
    works: whole && passed > 0,
    reason: wanted?.reason ?? reasonFor(ending.ended),
    failingTouched,
    missingSubmodule: missing?.submodule ?? null,
    evidence: detail === undefined ? evidence : { ...evidence, detail },
  }
}

/** A log without the lines that tell which command printed what follows. */
const withoutCommands = (text: string) => text.replaceAll(/^\$ .*$/gm, '')

function reasonFor(ended: RunRecord['ending']['ended']): Reason {
  if (ended === 'timed-out') return 'timed-out'
  if (ended === 'out-of-memory') return 'out-of-memory'
  if (ended === 'build-failed') return 'build-failed'
  return 'tests-do-not-run-after'
}
