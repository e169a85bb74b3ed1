import type { ReportedTest, Statuses, TestId, TestStatus } from '../model/index.ts'

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

export function worst(a: TestStatus, b: TestStatus): TestStatus {
  return worstFirst.indexOf(a) <= worstFirst.indexOf(b) ? a : b
}

/** Reported tests by id. Tests with the same id share one status, the worst. */
export function statusesOf(tests: Iterable<ReportedTest>): Map<TestId, TestStatus> {
  const statuses = new Map<TestId, TestStatus>()
  for (const test of tests) {
    const id = testId(test)
    const before = statuses.get(id)
    statuses.set(id, before === undefined ? test.status : worst(before, test.status))
  }
  return statuses
}
