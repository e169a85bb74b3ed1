import type { FoundTask } from '../query/types.ts'

/** What became of a task of a lease. */
export type LeasedState = 'leased' | 'completed' | 'released' | 'expired'

/** A lease as its consumer sees it. */
export interface Lease {
  readonly id: string
  readonly consumer: string
  /** Rollouts of each task that the consumer has in mind: it counts as served once. */
  readonly attempts: number
  /** `open`: some of it is out; `expired`: its time is over, what was out is free again; `ended`: nothing of it is out any more. */
  readonly state: 'open' | 'expired' | 'ended'
  readonly createdAt: Date
  readonly expiresAt: Date
  /** In the order in which they were given. */
  readonly tasks: readonly LeasedTask[]
}

export interface LeasedTask {
  readonly state: LeasedState
  /** As it is now: a task may end while it is out. */
  readonly task: FoundTask
}

/** Why a lease can't be changed as was asked. */
export type LeaseRefusal =
  | { readonly refused: 'unknown-lease' }
  /** Its time is over, or nothing of it is out. */
  | { readonly refused: 'expired' | 'ended'; readonly at: Date }
  /** A name at this place of the list that is not in the lease. */
  | { readonly refused: 'not-in-lease'; readonly place: number; readonly name: string }
  /** A task at this place was completed, or given back, already. */
  | { readonly refused: 'settled'; readonly place: number; readonly name: string; readonly state: LeasedState }
