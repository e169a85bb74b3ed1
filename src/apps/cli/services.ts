import type { NewToken } from '../../access/index.ts'
import type { Config } from '../../config.ts'
import type { GitHubCost } from '../../github/index.ts'
import type { LeaseRequest } from '../../leases/index.ts'
import type { Log } from '../../log.ts'
import type { NightlyReport } from '../../pipeline/nightly.ts'
import type { TaskQuery } from '../../query/filter.ts'
import type { ListedTask } from '../../query/listed.ts'
import type { Finding } from '../../sandboxes/types.ts'
import type { LeaseJson } from '../lease-json.ts'
import type { ServeReport, ServeRequest } from '../server/serve.ts'
import type { ForecastReport } from '../worker/forecast.ts'
import type { WorkerReport, WorkerRequest } from '../worker/work.ts'
import type * as line from './lines.ts'
import type { Progress } from './progress.ts'

export interface MineRequest {
  /** `owner/name`, a git URL, or the path of a clone or bare repository. */
  readonly repository: string
  readonly name: string | null
  readonly pullsFile: string | null
  /** Numbers of pulls; null: all. */
  readonly only: readonly number[] | null
  readonly since: Date | null
  readonly until: Date | null
  readonly limit: number | null
  readonly miner: string
  /** Runs of the whole suite in each state, and of the FAIL_TO_PASS files alone; null: as the settings have it. */
  readonly runs: number | null
  readonly repeats: number | null
  readonly concurrency: number
  readonly dryRun: boolean
}

/** All that history has, as often as the settings have it: what nobody narrows. */
export const everything = {
  ...{ only: null, since: null, until: null, limit: null },
  ...{ miner: 'linked-pull', runs: null, repeats: null, dryRun: false },
} satisfies Partial<MineRequest>

export interface MineReport {
  /** Called for each candidate as it is decided. */
  decided(line: line.DecidedLine): void
  readonly progress: Progress
  readonly signal: AbortSignal
}

/** Which tasks are meant. */
export interface TaskSelection {
  readonly query: TaskQuery
  /** At most so many; null: all. */
  readonly limit: number | null
}

export interface CandidateFilter {
  readonly repository: string | null
  readonly state: string | null
  readonly reason: string | null
  readonly limit: number | null
}

export interface ForgetRequest {
  readonly repository: string
  /** Null: all of it. */
  readonly pull: number | null
}

export interface AskedServings {
  readonly token: string | null
  readonly task: string | null
  readonly since: Date | null
  readonly limit: number | null
}

export interface PredictionsRequest {
  readonly file: string
  /** Where the summary goes; null: named for the model, in the working folder. */
  readonly out: string | null
}

export interface PredictionsReport {
  /** Called for each prediction as it is decided, and for each line that is passed over. */
  decided(line: line.PredictionLine | line.PredictionProblemLine): void
  readonly progress: Progress
  readonly signal: AbortSignal
}

export interface LeaseChange {
  readonly how: 'renew' | 'release' | 'complete'
  /** Null: as long as it was made for. */
  readonly ttlSeconds: number | null
  /** None: all that are out. */
  readonly tasks: readonly string[]
}

/** One outcome as it was given, or the file that holds them. */
export type ToldOutcomes = { readonly outcome: object } | { readonly file: string }

export interface AskedSuspects {
  readonly minPatches: number
  readonly repository: string | null
  readonly limit: number
}

/** All that the commands can ask for: one function a command. Each opens what it needs and closes it again. */
export interface Services {
  mine(request: MineRequest, report: MineReport): Promise<line.MineSummary>
  /** Takes jobs until the report's signal aborts. */
  worker(request: WorkerRequest, report: WorkerReport): Promise<void>
  /** Serves GitHub's webhooks until the report's signal aborts. */
  serve(request: ServeRequest, report: ServeReport): Promise<void>
  /** What the nightly schedule runs, now; for one repository alone where it is named. */
  nightly(repository: string | null, signal: AbortSignal): Promise<NightlyReport>
  /** Forecasts backfills, of one repository alone where it is named. Gives what that asked of GitHub. */
  forecast(repository: string | null, report: ForecastReport): Promise<GitHubCost>
  tasks(asked: TaskSelection): AsyncIterable<ListedTask>
  task(id: string): Promise<line.TaskDetail>
  /** One of a task's patches, byte for byte. */
  patch(id: string, part: 'fix' | 'test' | 'full'): Promise<line.TaskPatch>
  candidates(filter: CandidateFilter): AsyncIterable<line.CandidateLine>
  checkout(id: string, directory: string): Promise<line.CheckoutLine>
  grade(id: string, patch: Buffer, signal: AbortSignal): Promise<line.GradeLine>
  gradePredictions(request: PredictionsRequest, report: PredictionsReport): Promise<line.PredictionsSummary>
  validate(ids: readonly string[], signal: AbortSignal): AsyncIterable<line.ValidationLine>
  /** Erases once `confirm` has seen what would go; null where it says no. */
  forget(request: ForgetRequest, confirm: (plan: line.ForgetPlan) => Promise<boolean>): Promise<line.ForgetLine | null>
  unforget(request: ForgetRequest): Promise<line.UnforgetLine>
  exportTasks(format: string, out: string, asked: TaskSelection): Promise<line.ExportLine>
  /** Parked jobs, oldest first. */
  deadJobs(): Promise<readonly line.JobLine[]>
  /** Gives a parked job, or all of them (null), back to the workers. Throws UserError where there is none of this id. */
  retryJobs(id: string | null): Promise<line.RetriedLine>
  /** Makes a token; its text is in the line and nowhere else. Throws UserError where the name was given out before. */
  createToken(wanted: NewToken): Promise<line.MadeTokenLine>
  tokens(): Promise<readonly line.TokenLine[]>
  /** Throws UserError where there is none of this name. */
  revokeToken(name: string): Promise<line.RevokedTokenLine>
  /** The audit trail, newest first. */
  servings(asked: AskedServings): AsyncIterable<line.ServingLine>
  lease(request: LeaseRequest): Promise<LeaseJson>
  /** Throws UserError where the lease is over, or has no such task. */
  changeLease(id: string, change: LeaseChange): Promise<LeaseJson>
  tellOutcomes(told: ToldOutcomes): Promise<line.StoredLine>
  suspects(asked: AskedSuspects): Promise<readonly line.SuspectLine[]>
  doctor(): Promise<readonly Finding[]>
  migrate(): Promise<line.MigrationLine>
}

export interface ServiceOptions {
  readonly config: Config
  readonly log: Log
}
