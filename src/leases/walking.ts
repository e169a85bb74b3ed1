import type { Tx } from '../db/connect.ts'
import type { leaseWalks } from '../db/schema.ts'
import type { Wish } from './matching.ts'

/** How far a consumer has come through the tasks of one filter. Changed in place by whoever holds the consumer's lock alone; `saveWalk` keeps it. */
export type Walk = { -readonly [K in keyof typeof leaseWalks.$inferSelect]: (typeof leaseWalks.$inferSelect)[K] }

/** A walk together with what it goes through, in a transaction. */
export interface Walking extends Wish {
  readonly tx: Tx
  readonly walk: Walk
}
