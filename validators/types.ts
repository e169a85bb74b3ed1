import type { Evidence, Flag, KindedChange, Reason, Statement, Statuses, TestId } from '../src/model/index.ts'

/** One run as a validator sees it. */
export interface ValidatedRun {
  readonly ended: string
  /** Builds and tests together. */
  readonly seconds: number
  readonly statuses: Statuses
}

/** Everything known of a candidate once its runs are done. A validator reads it and judges; it changes nothing. */
export interface ValidationFacts {
  readonly base: readonly ValidatedRun[]
  readonly before: readonly ValidatedRun[]
  readonly after: readonly ValidatedRun[]
  /** Runs of the files alone that hold the FAIL_TO_PASS tests. */
  readonly repeats: { readonly before: readonly ValidatedRun[]; readonly after: readonly ValidatedRun[] }
  readonly failToPass: readonly TestId[]
  readonly passToPass: readonly TestId[]
  readonly flaky: readonly TestId[]
  /** What the first before-run and after-run printed, for tests that the network kept from passing. */
  readonly logs: { readonly before: string; readonly after: string }
  readonly changes: readonly KindedChange[]
  readonly statement: Statement
  readonly fixPatch: Buffer
  /** Laid-out snapshot and unpacked layers, host folders. */
  readonly folders: { readonly snapshot: string; readonly layers: readonly string[] }
  /** Text of a blob of the repository. */
  readonly readBlob: (blob: string) => Promise<Buffer>
}

export type ValidatorVerdict =
  | { readonly verdict: 'accepted'; readonly evidence: Evidence }
  | { readonly verdict: 'flagged'; readonly flags: readonly Flag[]; readonly evidence: Evidence }
  | { readonly verdict: 'refused'; readonly reason: Reason; readonly evidence: Evidence }

export interface Validator {
  readonly name: string
  validate(facts: ValidationFacts): Promise<ValidatorVerdict>
}
