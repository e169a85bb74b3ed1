import type { LogFields } from '../../log.ts'
import type { Evidence, Reason, Verdict } from '../../model/index.ts'
import type { Forecast } from '../../pipeline/forecast.ts'
import type { ListedCandidate } from '../../query/ledger.ts'
import type { PlainListing } from '../../query/listed.ts'

/** The objects that `--json` writes, one a line, with the keys that docs/contract.md fixes. */
export interface DecidedLine {
  readonly repository: string
  readonly pull: number
  readonly state: 'vetted' | 'refused' | 'fault'
  readonly task: string | null
  readonly reason: Reason | null
  readonly evidence?: Evidence
  /** The three are there for everything that reached the runs. */
  readonly fail_to_pass?: readonly string[]
  readonly pass_to_pass?: number
  readonly flaky?: readonly string[]
  readonly environment?: string | null
  readonly seconds: Readonly<Record<string, number>>
}

export interface MineSummary {
  readonly pulls: number
  readonly candidates: number
  readonly vetted: number
  readonly refused: Readonly<Partial<Record<Reason, number>>>
  readonly faults: number
  readonly seconds: number
  /** Only of a dry run. */
  readonly forecast?: Forecast
}

/** One task, whole. */
export interface TaskDetail extends Omit<PlainListing, 'fail_to_pass' | 'pass_to_pass'> {
  readonly statement: { readonly title: string; readonly issue: string; readonly hints: string }
  readonly base_commit: string
  readonly fix_patch: string
  readonly test_patch: string
  readonly fail_to_pass: readonly string[]
  readonly pass_to_pass: readonly string[]
  readonly flaky: readonly string[]
  readonly before: Readonly<Record<string, string>>
  readonly environment: object
}

export interface TaskPatch {
  readonly task: string
  readonly patch: Buffer
}

export type CandidateLine = ListedCandidate

export interface GradeLine {
  readonly task: string
  readonly verdict: Verdict
  /** 1, 0, or null for a fault. */
  readonly reward: 0 | 1 | null
  readonly fail_to_pass: { readonly passed: readonly string[]; readonly failed: readonly string[] }
  readonly pass_to_pass: { readonly passed: number; readonly failed: readonly string[] }
  readonly run: { readonly ended: string; readonly seconds: number } | null
  /** Why a patch was rejected, or what the control run showed. */
  readonly detail?: string
  readonly grade: string
}

export interface ValidationLine {
  readonly task: string
  /** Whether the runs gave the same lists as the task holds. */
  readonly valid: boolean
  readonly reason: string | null
  readonly evidence: Evidence
  readonly seconds: number
}

export interface ForgetPlan {
  readonly repository: string
  readonly pull: number | null
  readonly tasks: number
  readonly candidates: number
  readonly runs: number
  readonly grades: number
  /** Of mirror, layers and logs; some of them may be shared, and stay. */
  readonly bytes: number
}

export interface ForgetLine extends ForgetPlan {
  /** Tasks that were live or quarantined until now. */
  readonly retired: number
  /** Machines whose disks still hold something of it. */
  readonly machines_left: readonly { readonly machine: string; readonly host: string; readonly seen_at: string }[]
}

export interface UnforgetLine {
  readonly repository: string
  readonly pull: number | null
  readonly lifted: boolean
}

export interface CheckoutLine {
  readonly task: string
  readonly directory: string
  readonly commit: string
  readonly files: number
}

/** A prediction that was decided. */
export interface PredictionLine {
  readonly task: string
  readonly model: string
  readonly verdict: Verdict
  readonly reward: 0 | 1 | null
  /** It was graded by an earlier run. */
  readonly before: boolean
  /** There was no patch to grade. */
  readonly empty: boolean
  /** What was to blame for a fault. */
  readonly reason?: string
}

/** A line of a predictions file that was passed over. */
export interface PredictionProblemLine {
  readonly line: number
  readonly problem: string
}

export interface PredictionsSummary {
  /** Where SWE-bench's summary of the run is. */
  readonly report: string
  readonly predictions: number
  readonly resolved: number
  readonly unresolved: number
  readonly empty: number
  readonly faults: number
  readonly unknown: number
  readonly bad_lines: number
}

export interface ExportLine {
  readonly format: string
  readonly out: string
  readonly tasks: number
}

/** A job that faulted until its retries ran out. */
export interface JobLine {
  readonly id: string
  readonly name: string
  readonly key: string
  /** As far as it is known: `repository`, `pull`, `stage`, `candidate`, `delivery`, `event`. */
  readonly about: LogFields
  /** What the last attempt threw. */
  readonly error: string
  readonly died_at: string
}

/** Ids of parked jobs: put back, and left since one of their key is queued already. */
export interface RetriedLine {
  readonly retried: readonly string[]
  readonly left: readonly string[]
}

/** A token as the operator sees it. */
export interface TokenLine {
  readonly name: string
  readonly state: 'live' | 'expired' | 'revoked'
  readonly scopes: readonly string[]
  /** Null: every owner. */
  readonly owners: readonly string[] | null
  readonly created_at: string
  readonly expires_at: string | null
  readonly last_used_at: string | null
  readonly revoked_at: string | null
  /** Requests that were served tasks or parts of them. */
  readonly servings: number
}

/** The only time that a token's text is shown. */
export interface MadeTokenLine extends TokenLine {
  readonly token: string
}

export interface RevokedTokenLine {
  readonly name: string
  readonly revoked_at: string
}

/** One request that was served tasks or parts of them. */
export interface ServingLine {
  readonly at: string
  readonly token: string
  readonly what: string
  /** `acme__shop-123@2`; null: a list. */
  readonly task: string | null
  readonly tasks: number
  readonly detail: Readonly<Record<string, unknown>>
}

export interface MigrationLine {
  readonly database: string
  readonly migrations: readonly string[]
}

export interface StoredLine {
  readonly stored: number
}

/** A suspected false negative. */
export interface SuspectLine {
  readonly task: string
  readonly revision: number
  readonly repository: string
  readonly test: string
  readonly list: 'fail_to_pass' | 'pass_to_pass'
  readonly fail_to_pass: number
  readonly patches: number
  readonly resolved: number
  readonly models: readonly string[]
  readonly grades: readonly string[]
}
