import type { Command, ReportedTest, TestPaths, TestPlan } from '../model/index.ts'

export type { TestPaths } from '../model/index.ts'

/** One program that a test script starts, wrappers (nyc, c8, cross-env …) seen through. */
export interface Invocation {
  /** The framework's own program: `vitest`, `mocha`, `node` … */
  readonly program: string
  readonly arguments: readonly string[]
  readonly nodeArguments: readonly string[]
  readonly variables: Readonly<Record<string, string>>
  /** Relative to the repository's root. */
  readonly directory: string
  /** The script it was found in, for the evidence: `package.json scripts.test`. */
  readonly from: string
}

/** What a framework may look at: files of the after-state, whole tree. */
export interface ProjectView {
  /** The directory the invocation runs in, relative to the root, "." for the root. */
  readonly directory: string
  readonly paths: readonly string[]
  read(path: string): Promise<string | null>
  /** Version of a package as locked, else null. */
  lockedVersion(name: string): string | null
}

export interface TestFramework {
  readonly name: string
  readonly ecosystem: string
  /** A plan where this invocation starts this framework, else null. */
  recognise(invocation: Invocation, project: ProjectView): Promise<TestPlan | null>
  testPaths(plan: TestPlan, project: ProjectView): Promise<TestPaths>
  /**
   * The command that runs the tests with our reporter. `files` (relative to the repository's root) narrows it; null: the
   * whole suite. The reporters are mounted read-only at /quarry/reporters, a node that is Quarry's own at /quarry/node, the report is written under /quarry/report.
   */
  command(plan: TestPlan, files: readonly string[] | null): Command
  /** The command as people type it, without our reporter, for exports that they read; left out: the framework's name and the plan's arguments. */
  typed?(plan: TestPlan): readonly string[]
  /** The report files' lines → tests. Throws nothing: a broken report yields what could be read and `complete: false`. */
  parse(report: Report): ParsedReport
}

export interface Report {
  /** Name → content of what was written under /quarry/report. */
  readonly files: ReadonlyMap<string, Buffer>
  readonly stdout: Buffer
  /** The secret of this run, put into /quarry/report/nonce: the reporter takes it away and signs each line with it (reporters/report.cjs). */
  readonly nonce: string
  /** "." or the plan's directory. */
  readonly directory: string
}

export interface ParsedReport {
  readonly tests: readonly ReportedTest[]
  /** The framework said itself that it came to its end. */
  readonly complete: boolean
}
