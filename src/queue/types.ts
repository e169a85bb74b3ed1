import type { Tx } from '../db/connect.ts'

/** Job name → what the job carries (plain JSON, small: ids). The pipeline declares it. */
export type JobData = Record<string, object>

export interface JobContext {
  /** The id pg-boss gave it; the same in every attempt. */
  readonly id: string
  /** 1 for the first attempt; takings-over after a kill count as well. */
  readonly attempt: number
  /** True where an error thrown now parks the job instead of trying it again. */
  readonly lastAttempt: boolean
  /** Aborts where the process is stopping and out of patience, or the job was given to somebody else. */
  readonly signal: AbortSignal
}

/** Job name → what does it. Delivered at least once: a handler inserts or returns what is there. */
export type Handlers<Jobs extends JobData> = {
  readonly [Name in keyof Jobs & string]?: (data: Jobs[Name], context: JobContext) => Promise<void>
}

export interface AddOptions {
  /** What the job is about, e.g. `candidate:17:1`. While a job of this name and key is queued or running, no second is added. */
  readonly key: string
  /** Higher goes first; 0 where it is left out. */
  readonly priority?: number
}

export interface KeyedJob<Data extends object> extends AddOptions {
  readonly data: Data
}

export interface WorkOptions<Jobs extends JobData> {
  /** Job name → jobs of it run at the same time by this process; 1 where it is left out. */
  readonly concurrency?: { readonly [Name in keyof Jobs & string]?: number }
  /** Job name → the only priority whose jobs are taken; whatever they have where it is left out. */
  readonly lanes?: { readonly [Name in keyof Jobs & string]?: number }
}

/** A job that failed in every attempt: parked until somebody retries it. */
export interface DeadJob {
  readonly id: string
  readonly name: string
  readonly key: string
  readonly data: object
  /** What the last attempt threw. */
  readonly error: string
  readonly diedAt: Date
}

export interface JobCounts {
  readonly queued: number
  readonly active: number
}

export interface Queue<Jobs extends JobData> {
  /** Adds a job that exists if, and only if, the transaction commits. False where one of that name and key is there already. */
  add<Name extends keyof Jobs & string>(tx: Tx, name: Name, data: Jobs[Name], options: AddOptions): Promise<boolean>
  /** Adds many of one name, in one statement; those whose key is there already are left out. */
  addAll<Name extends keyof Jobs & string>(tx: Tx, name: Name, jobs: readonly KeyedJob<Jobs[Name]>[]): Promise<void>
  /** Takes jobs from now on. What dead processes of this host had in hand is given back first. Once a queue. */
  work(handlers: Handlers<Jobs>, options?: WorkOptions<Jobs>): Promise<void>
  /** Jobs not done yet, by name; names without any are left out. */
  counts(): Promise<ReadonlyMap<string, JobCounts>>
  /** Parked jobs, oldest first. */
  dead(): Promise<DeadJob[]>
  /** Puts a parked job back into its queue. Throws a `UserError` where there is none of this id. */
  retry(id: string): Promise<void>
  /** Takes no more jobs; waits `graceSeconds` for the running ones, then aborts their signals and gives them back. */
  stop(graceSeconds?: number): Promise<void>
}
