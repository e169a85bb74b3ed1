/** `missing` exists only where runs are compared. */
export type TestStatus = 'passed' | 'failed' | 'skipped' | 'errored'

/** `file > suite > … > name`; the file part relative to the repository's root. Stable between runs. */
export type TestId = string
export type Statuses = ReadonlyMap<TestId, TestStatus>

export interface ReportedTest {
  /** Relative to the repository's root; null where the framework does not tell. */
  readonly file: string | null
  /** Suites, outermost first, then the test's own name. */
  readonly path: readonly string[]
  readonly status: TestStatus
  readonly milliseconds: number | null
  readonly message: string | null
}

/** How one execution of the tests ended. "Nothing ran" has a name of its own and never reads as success. */
export type RunEnding =
  | { readonly ended: 'completed'; readonly statuses: Statuses }
  | { readonly ended: 'timed-out'; readonly afterSeconds: number; readonly statuses: Statuses }
  | { readonly ended: 'out-of-memory'; readonly peakMiB: number; readonly statuses: Statuses }
  | { readonly ended: 'no-report'; readonly exitCode: number | null; readonly statuses: Statuses }
  | {
      readonly ended: 'build-failed'
      readonly exitCode: number | null
      readonly command: string
      readonly statuses: Statuses
    }
  | { readonly ended: 'killed'; readonly signal: string; readonly statuses: Statuses }
  | { readonly ended: 'nothing-ran'; readonly exitCode: number | null; readonly statuses: Statuses }

export type RunState = 'base' | 'before' | 'after' | 'candidate'
