import type { Tx } from '../db/connect.ts'
import type { leaseWalks } from '../db/schema.ts'
import type { Wish } from './matching.ts'

/** How far a consumer has come through the tasks of one filter. Changed in place by whoever holds the consumer's lock alone; `saveWalk` keeps it. */
export type Walk = { -readonly [K in keyof typeof leaseWalks.$inferSelect]: (typeof leaseWalks.$inferSelect)[K] }

/** A walk together with what it goes through, in a transaction. */
export interface Walking extends Wish {
  readonly tx: Tx
  readonly sizes: WalkSizes
  readonly walk: Walk
}

/** How much is looked at at a time. Tests make them small. */
export interface WalkSizes {
  /** Where all that matches is at most so much, it is queued at once. */
  readonly few: number
  /** A walk is taken over from one that has queued so much: before that it is cheaper to begin anew. */
  readonly worthTakingOver: number
  /** Rows of a look: at first, for walks that came far, and where little matches. */
  readonly look: { readonly least: number; readonly usual: number; readonly most: number }
  /** Rows of a feed read in one go. */
  readonly chunk: number
}

export const walkSizes: WalkSizes = {
  few: 2000,
  worthTakingOver: 5000,
  look: { least: 256, usual: 4096, most: 16_384 },
  chunk: 4096,
}
