import type { FullTask } from '../query/tasks.ts'
import type { ExportFormat } from './types.ts'

type Status = 'PASS' | 'FAIL' | 'SKIP' | 'NONE'
/** A test's status on the base, with the test patch, and with the fix. */
type Transition = { readonly run: Status; readonly test: Status; readonly fix: Status }

const statusOf: Readonly<Record<string, Status>> = {
  passed: 'PASS',
  failed: 'FAIL',
  errored: 'FAIL',
  skipped: 'SKIP',
  missing: 'NONE',
}

/** The names that Multi-SWE-bench gives to languages. */
const languages: Readonly<Record<string, string>> = { javascript: 'js', typescript: 'ts' }

/** Multi-SWE-bench's JSON Lines: a pull with its issues, its two patches, and its tests by what became of them. */
export const multiSweBench: ExportFormat = {
  name: 'multi-swe-bench',
  title: 'Multi-SWE-bench JSON Lines',
  makes: 'lines',
  line: (task) => {
    const [org = '', repo = ''] = task.repository.split('/')
    return {
      org,
      repo,
      number: task.pull,
      state: 'closed',
      title: task.statement.title,
      body: task.statement.issue,
      base: {
        label: `${org}:${task.snapshot.baseCommit}`,
        ref: task.snapshot.baseCommit,
        sha: task.snapshot.baseCommit,
      },
      resolved_issues: [issueOf(task)],
      fix_patch: task.snapshot.fixPatch.toString(),
      test_patch: task.snapshot.testPatch.toString(),
      tag: task.snapshot.tag ?? '',
      number_interval: '',
      lang: languages[task.language] ?? task.language,
      ...testsOf(task),
      instance_id: task.name,
    }
  },
}

/** All linked issues as the one text that the task states; the number is the pull's own, since that text may be of several. */
function issueOf({ pull, statement }: FullTask) {
  return { number: pull, title: statement.title, body: statement.issue }
}

/**
 * FAIL_TO_PASS parts by what a test was before: it failed (f2p), was skipped (s2p), or was not there (n2p). On the base alone a
 * FAIL_TO_PASS test counts as absent: its file is the test patch's.
 */
function testsOf(task: FullTask) {
  const failToPass = task.failToPass.map((name): [string, Transition] => [
    name,
    { run: 'NONE', test: statusOf[task.beforeStatuses[name] ?? 'missing'] ?? 'NONE', fix: 'PASS' },
  ])
  const passToPass = task.passToPass.map((name): [string, Transition] => [
    name,
    { run: 'PASS', test: 'PASS', fix: 'PASS' },
  ])
  const all = [...failToPass, ...passToPass]
  const from = (status: Status) => Object.fromEntries(failToPass.filter(([, { test }]) => test === status))
  return {
    // A name such as `__proto__` stays one: fromEntries defines it.
    fixed_tests: Object.fromEntries(failToPass),
    p2p_tests: Object.fromEntries(passToPass),
    f2p_tests: from('FAIL'),
    s2p_tests: from('SKIP'),
    n2p_tests: from('NONE'),
    run_result: resultOf(all, 'run'),
    test_patch_result: resultOf(all, 'test'),
    fix_patch_result: resultOf(all, 'fix'),
  }
}

function resultOf(tests: readonly (readonly [string, Transition])[], state: keyof Transition) {
  const named = (status: Status) => tests.filter(([, each]) => each[state] === status).map(([name]) => name)
  const [passed, failed, skipped] = [named('PASS'), named('FAIL'), named('SKIP')]
  return {
    passed_count: passed.length,
    failed_count: failed.length,
    skipped_count: skipped.length,
    passed_tests: passed,
    failed_tests: failed,
    skipped_tests: skipped,
  }
}
