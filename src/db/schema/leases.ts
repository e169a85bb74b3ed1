import { bigint, integer, pgSequence, pgTable, text } from 'drizzle-orm/pg-core'
import { time } from '../columns.ts'

/** Fencing tokens: each taking of any lease gets a larger one, so that rows of leases no longer held can go. */
export const leaseTokens = pgSequence('lease_tokens')

/** Long exclusions (a mirror, an environment's build): held by one process, taken over when it is dead or late. */
export const leases = pgTable('leases', {
  name: text().primaryKey(),
  /** Grows with each taking; a holder whose token is older has lost the lease. */
  token: bigint({ mode: 'number' }).notNull(),
  host: text().notNull(),
  pid: integer().notNull(),
  /** Start time of the process in clock ticks since boot: a pid alone is used again. */
  processStart: text('process_start').notNull(),
  expiresAt: time('expires_at').notNull(),
})
