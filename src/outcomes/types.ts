/** One attempt of a consumer at a task. */
export interface Outcome {
  /** `acme__shop-123`, which means the newest revision, or `acme__shop-123@2`. */
  readonly task: string
  readonly consumer: string
  readonly model: string
  readonly solved: boolean
  readonly reward: number | null
  /** Tokens that the model spent. */
  readonly tokens: number | null
  /** The grade that it goes by, as the API calls it. */
  readonly grade: string | null
}

/** What is wrong with one of several outcomes: which one, which of its fields, and why. */
export interface OutcomeProblem {
  readonly place: number
  readonly field: 'task' | 'grade' | 'solved'
  readonly why: 'unknown' | 'erased' | 'of-another-task' | 'not-done' | 'fault' | 'contradicted'
}

export type StoredOutcomes =
  | { readonly stored: number }
  /** None was stored. */
  | { readonly refused: 'wrong'; readonly problems: readonly OutcomeProblem[] }
  /** The key came with other outcomes before. */
  | { readonly refused: 'key-used' }

/** How often attempts solved a task. */
export interface SolveRate {
  readonly attempts: number
  readonly solved: number
  /** Null: never tried. */
  readonly rate: number | null
}

export interface SolveRates {
  readonly task: string
  readonly revision: number
  readonly contentHash: string
  readonly overall: SolveRate & { readonly signal: 'always-solved' | 'never-solved' | null }
  /** In the order of their names. */
  readonly models: readonly (SolveRate & { readonly model: string })[]
}
