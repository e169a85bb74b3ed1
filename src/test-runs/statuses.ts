import type { ReportedTest, TestId, TestStatus } from '../model/index.ts'

const worstFirst: readonly TestStatus[] = ['errored', 'failed', 'skipped', 'passed']

/** `file > suite > … > name`; the file is left out where the framework does not tell it. */
export function testId(test: Pick<ReportedTest, 'file' | 'path'>): TestId {
  return [...(test.file === null ? [] : [test.file]), ...test.path].join(' > ')
}

/** The file part of an id, where it has one among `files`. */
export function fileOf(id: TestId): string | null {
  const end = id.indexOf(' > ')
  return end === -1 ? id : id.slice(0, end)
}

/** An example in documentation, `src/lib.rs > doctest Cart::total`: no function of Rust has a name with a blank in it. */
export function isExample(id: TestId): boolean {
  return /^[^>]*\.rs > doctest \S+$/.test(id)
}

function worst(a: TestStatus, b: TestStatus): TestStatus {
  return worstFirst.indexOf(a) <= worstFirst.indexOf(b) ? a : b
}

/**
 * Reported tests by id, in the order of the report. Tests of the same name in the same place are told apart by a number, `(2)` from
 * the second on: one status for all of them would hide that one fails, and count them as one. Within a file the order is the
 * framework's own, the same in every run of the same tests; where it is not, the tests come out flaky and are in no list.
 */
export function statusesOf(tests: Iterable<ReportedTest>): Map<TestId, TestStatus> {
  const statuses = new Map<TestId, TestStatus>()
  const seen = new Map<TestId, number>()
  for (const test of tests) {
    const id = testId(test)
    const count = (seen.get(id) ?? 0) + 1
    seen.set(id, count)
    const numbered = count === 1 ? id : `${id} (${count})`
    // A test that is itself called `x (2)`, next to two called `x`, shares their status: the worst.
    statuses.set(numbered, worst(statuses.get(numbered) ?? test.status, test.status))
  }
  return statuses
}
