import type { Flag, Statement } from '../model/index.ts'
import type { signals } from './filter.ts'

/** What took a task out of the live set. */
export interface TaskEnd {
  readonly sequence: number
  /** As one word. */
  readonly reason: string | null
  /** ISO 8601. */
  readonly at: string
}

export interface SolveRate {
  readonly attempts: number
  readonly solved: number
  /** Null: never tried. */
  readonly rate: number | null
  /** Of all models together, after enough attempts. */
  readonly signal: (typeof signals)[number] | null
}

/** A task as a query finds it: what is listed, without lists of tests and patches. */
export interface FoundTask {
  readonly id: number
  readonly installationId: number
  readonly repositoryId: number
  readonly name: string
  readonly revision: number
  readonly contentHash: string
  /** The publication that brought it. */
  readonly sequence: number
  readonly repository: string
  /** In lower case. */
  readonly owner: string
  readonly pull: number
  readonly title: string
  readonly miner: string
  readonly ecosystem: string
  readonly language: string
  readonly frameworks: readonly string[]
  /** SPDX; null: not known. */
  readonly licence: string | null
  readonly visibility: 'private' | 'organisation' | 'public'
  /** This and `ended` are as they are now, whatever sequence was asked for. */
  readonly state: 'live' | 'quarantined' | 'retired'
  readonly ended: TaskEnd | null
  readonly flags: readonly Flag[]
  readonly failToPassCount: number
  readonly passToPassCount: number
  readonly filesChanged: number
  readonly linesChanged: number
  /** 1 to 5. */
  readonly difficulty: number
  readonly mergedAt: Date
  readonly vettedAt: Date
  /** The oldest of issue, pull, first commit and merge, as far as they are known. */
  readonly earliestAt: Date
  /** Of an erased task nothing but what stands here is left. */
  readonly erasedAt: Date | null
  /** Of the model that was asked for; null where the set is as of a sequence, or it was not asked for. */
  readonly solveRate: SolveRate | null
  /** Only where it was asked for. */
  readonly statement: Statement | null
}

export interface TaskPage {
  readonly tasks: readonly FoundTask[]
  /** Null: this page is the last. */
  readonly nextCursor: string | null
  /** The sequence that the pages show the tasks as of. */
  readonly asOf: number
}
