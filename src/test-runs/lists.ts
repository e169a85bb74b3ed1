import type { KindedChange, Statuses, TestId, TestStatus } from '../model/index.ts'
import { failToPass, flakyTests, passToPass } from './compare.ts'
import { comparable } from './repeats.ts'
import type { StoredRun } from './run-store.ts'
import { fileOf, isExample } from './statuses.ts'

export interface TestLists {
  readonly failToPass: readonly TestId[]
  readonly passToPass: readonly TestId[]
  readonly flaky: readonly TestId[]
  /** Tests in files of code that the fix brings, and examples in its documentation: grading can't put them into a candidate's tree, so nobody is asked for them. */
  readonly withFix: readonly TestId[]
}

/** Runs of the whole suite, and of the FAIL_TO_PASS files alone, by state. */
export interface ComparedRuns {
  readonly base: readonly Statuses[]
  readonly before: readonly Statuses[]
  readonly after: readonly Statuses[]
  readonly repeats: { readonly before: readonly Statuses[]; readonly after: readonly Statuses[] }
}

/**
 * The lists out of all runs. A FAIL_TO_PASS test passes in every after-run, repeats included, and in no before-run; a test that
 * was seen flaky here (between the suite's runs of one state, or between its repeats), or ever in this repository (`knownFlaky`), is in no list, or in FAIL_TO_PASS alone where all of
 * this candidate's runs agree on it. Tests that come with the fix itself (`withFix`) are in no list. Examples in documentation are a candidate's to write: they may be
 * in PASS_TO_PASS, which asks that they go on passing, and in nothing that pays.
 */
export function makeLists(
  runs: ComparedRuns,
  knownFlaky: ReadonlySet<TestId>,
  changes: readonly Pick<KindedChange, 'path' | 'kind' | 'oldBlob'>[] = [],
): TestLists {
  const brought = broughtByFix(changes)
  const asked = (test: TestId) => !brought(test) && !isExample(test)
  const suite = failToPass(runs.before, runs.after)
  const told = comparable(runs.repeats.after, suite)
  const confirmed = suite.filter(
    (test) =>
      !told.has(test) ||
      (runs.repeats.after.every((run) => run.get(test) === 'passed') &&
        !runs.repeats.before.some((run) => run.get(test) === 'passed')),
  )
  const kept = new Set(confirmed)
  const flaky = new Set([
    ...flakyTests([runs.before, runs.after]),
    ...inconstant([runs.repeats.before, runs.repeats.after]),
    ...suite.filter((test) => !kept.has(test)),
  ])
  return {
    failToPass: confirmed.filter((test) => !flaky.has(test) && asked(test)),
    passToPass: passToPass(runs.before, runs.after).filter(
      (test) => !flaky.has(test) && !knownFlaky.has(test) && !brought(test),
    ),
    flaky: [...flaky].sort(),
    withFix: confirmed.filter((test) => !asked(test)),
  }
}

/** Tests that pass in some repeats of one state and fail in others. A repeat that does not tell of a test, or skips it, says nothing of it. */
function inconstant(states: readonly (readonly Statuses[])[]): TestId[] {
  return states.flatMap((repeats) => {
    const seen = (...statuses: readonly TestStatus[]) =>
      new Set(repeats.flatMap((run) => [...run].flatMap(([test, status]) => (statuses.includes(status) ? [test] : []))))
    const failed = seen('failed', 'errored')
    return [...seen('passed')].filter((test) => failed.has(test))
  })
}

/**
 * Whether a test stands in a new file that holds code and tests. Such a file goes whole with the fix. A candidate may solve the issue in another file, or in
 * one of that name with tests of its own: no test of it could ever be asked for.
 */
export function broughtByFix(
  changes: readonly Pick<KindedChange, 'path' | 'kind' | 'oldBlob'>[],
): (test: TestId) => boolean {
  const files = new Set(
    changes.filter(({ kind, oldBlob }) => kind === 'mixed' && oldBlob === null).map(({ path }) => path),
  )
  return (test) => files.has(fileOf(test) ?? '')
}

/** Runs as they are stored, by state and part. */
export function compareStored(runs: readonly StoredRun[]): ComparedRuns {
  const statuses = (state: StoredRun['state'], part: StoredRun['part']) =>
    runs
      .filter((run) => run.state === state && run.part === part)
      .sort((a, b) => a.ordinal - b.ordinal)
      .map((run) => run.statuses)
  return {
    base: statuses('base', 'suite'),
    before: statuses('before', 'suite'),
    after: statuses('after', 'suite'),
    repeats: { before: statuses('before', 'repeat'), after: statuses('after', 'repeat') },
  }
}
