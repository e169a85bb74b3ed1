/** The jobs by themselves: the command line's help needs their names, and nothing else of the pipeline. */

export interface CandidateJob {
  readonly candidate: number
  readonly priority: number
}

export interface DeliveryJob {
  /** GUID of a stored webhook delivery. */
  readonly delivery: string
}

export interface PullJob {
  readonly repository: number
  readonly number: number
}

export interface RepositoryJob {
  readonly repository: number
}

export interface SettingsJob extends RepositoryJob {
  /** The commit that changed the settings: its author is told of mistakes there. */
  readonly commit: string | null
}

export interface FeedbackJob {
  readonly candidate: number
}

/** It carries nothing but that there is a grade to do: which one, the worker that takes it chooses. */
export type GradeJob = Record<string, never>

/** It carries nothing. */
export type NightlyJob = Record<string, never>

/** One job name for each stage that is a job, in the order of the flow. */
export const stageNames = ['snapshot', 'environment', 'validators', 'publish'] as const
export type StageName = (typeof stageNames)[number]

/** What brings merged pulls in from GitHub; only a worker that has a way to GitHub does these. */
export const intakeNames = ['delivery', 'pull', 'settings', 'backfill', 'reconcile', 'feedback', 'nightly'] as const
export type IntakeName = (typeof intakeNames)[number]

export const jobNames = [...intakeNames, 'grade', ...stageNames] as const
export type Jobs = { readonly [Name in StageName]: CandidateJob } & {
  readonly delivery: DeliveryJob
  readonly pull: PullJob
  readonly settings: SettingsJob
  readonly backfill: RepositoryJob
  readonly reconcile: RepositoryJob
  readonly feedback: FeedbackJob
  readonly grade: GradeJob
  readonly nightly: NightlyJob
}

/** What `--stages` of a worker may name: a stage, grades, or all of the intake. */
export const workNames = ['intake', 'grade', ...stageNames] as const
export type WorkName = (typeof workNames)[number]
