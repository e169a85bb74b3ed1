import { failToPass, statusBefore } from '../src/test-runs/compare.ts'
import type { ValidatedRun, Validator } from './types.ts'

/** A run that was stopped tells of a hang where it had this many times what the fixed state took; with less, the machine may only be slow. */
const TELLING = 2

/**
 * At least one test passes in every after-run and in no before-run. Flags `missing-before` where none of them was there to
 * fail: a test that nothing compiled proves less than one that failed. Refuses before-runs of which none had the time to tell.
 */
export const failsBeforePassesAfter: Validator = {
  name: 'fails-before-passes-after',
  async validate(facts) {
    const before = facts.before.map((run) => run.statuses)
    const ended = { before: facts.before.map((run) => run.ended), after: facts.after.map((run) => run.ended) }
    const slowest = Math.max(...facts.after.map((run) => run.seconds))
    const isCutShort = (run: ValidatedRun) => run.ended === 'timed-out' && run.seconds < slowest * TELLING
    if (facts.before.length > 0 && facts.before.every(isCutShort)) {
      const seconds = { before_seconds: facts.before.map((run) => run.seconds), after_seconds: slowest }
      const detail = 'the before-run was stopped before the after-run would have been through with some margin'
      return { verdict: 'refused', reason: 'timed-out', evidence: { detail, ...seconds, ended } }
    }
    if (facts.failToPass.length === 0) {
      const once = failToPass(
        before.slice(0, 1),
        facts.after.slice(0, 1).map((run) => run.statuses),
      )
      // The first pair of runs had some, the rest did not confirm a single one: that is a flaky test, not a missing one.
      if (once.length > 0)
        return { verdict: 'refused', reason: 'flaky', evidence: { seen_once: once.slice(0, 20), ended } }
      return { verdict: 'refused', reason: 'no-fail-to-pass', evidence: { ended } }
    }
    const statuses = Object.fromEntries(facts.failToPass.map((test) => [test, statusBefore(before, test)]))
    const missing = Object.values(statuses).filter((status) => status === 'missing').length
    const evidence = { fail_to_pass: facts.failToPass.length, missing_before: missing, ended }
    return missing === facts.failToPass.length
      ? { verdict: 'flagged', flags: ['missing-before'], evidence }
      : { verdict: 'accepted', evidence }
  },
}
