import type { Validator } from './types.ts'

/**
 * The runs of one state agree. Single tests that do not are kept by name and are in neither list; a state whose runs
 * do not even end the same way gives verdicts that cannot be trusted.
 */
export const deterministic: Validator = {
  name: 'deterministic',
  async validate(facts) {
    const endings = [...new Set(facts.after.map((run) => run.ended))]
    const evidence = { flaky: facts.flaky.slice(0, 100), flaky_count: facts.flaky.length, after_endings: endings }
    if (endings.length > 1) return { verdict: 'refused', reason: 'flaky', evidence }
    return { verdict: 'accepted', evidence }
  },
}
