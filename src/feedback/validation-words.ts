import type { Reason } from '../model/index.ts'
import { listed, told, withDetail } from './evidence.ts'
import type { Wording } from './refusal-words.ts'

/** What the runs of the tests showed. */
export const validationWords = {
  'tests-do-not-run-after': () => ({
    title: 'The tests do not run',
    explanation: 'On the state after the merge the tests did not come to their end, or none passed.',
    mend: 'See that the tests pass from a fresh clone, and say how to run them under `environment` in `.github/quarry.yml`.',
  }),
  'timed-out': () => ({
    title: 'The tests took too long',
    explanation: 'A run of the tests did not come to its end in time.',
    mend: 'Name a faster part of the tests under `environment.test`, or raise `limits.run_minutes`, in `.github/quarry.yml`.',
  }),
  'out-of-memory': () => ({
    title: 'The tests took too much memory',
    explanation: 'A run of the tests was ended as it took more memory than it may.',
    mend: 'Name a smaller part of the tests under `environment.test` in `.github/quarry.yml`.',
  }),
  'no-fail-to-pass': () => ({
    title: 'No test failed before the fix',
    explanation: 'Every test that passes with the change passes without it, too: no test shows what was mended.',
    mend: 'Add a test that fails without the change.',
  }),
  flaky: (evidence) => ({
    title: 'The tests are flaky',
    explanation: withDetail(
      'Tests that should show the fix pass in some runs and fail in others.',
      'Among them:',
      listed(evidence, 'flaky') ?? listed(evidence, 'seen_once'),
    ),
    mend: 'Make these tests give the same result each time: no real clock, no random order, no shared state.',
  }),
  'needs-network': (evidence) => ({
    title: 'The tests need the network',
    explanation: withDetail('Tests run without a network, and these ask for it.', 'The sign:', told(evidence, 'line')),
    mend: 'Play the other side in the tests themselves.',
  }),
  leak: (evidence) => ({
    title: 'The fix is given away',
    explanation: withDetail(
      'The issue spells the fix out, or an installed package holds it.',
      'Files:',
      listed(evidence, 'files'),
    ),
    mend: 'Describe the problem in the issue, and leave the solution to the pull request.',
  }),
} satisfies Partial<Record<Reason, Wording>>
