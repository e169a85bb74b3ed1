import { bigint, doublePrecision, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { time } from '../columns.ts'
import { machines } from './erasures.ts'

/**
 * What processes know that nobody can ask, since they serve no HTTP, run elsewhere, or have ended: stored here for `/metrics`. No
 * tenancy: these are the operator's.
 */

/** How jobs ended, by every worker there ever was. Only grows, whatever is erased or mined again. */
export const jobTimes = pgTable(
  'job_times',
  {
    queue: text().notNull(),
    /** `done`, or the kind of the fault. */
    outcome: text().notNull(),
    /** They took at most so many seconds, and more than the next lower bound. */
    bound: doublePrecision().notNull(),
    jobs: bigint({ mode: 'number' }).notNull(),
    seconds: doublePrecision().notNull(),
  },
  (table) => [primaryKey({ columns: [table.queue, table.outcome, table.bound] })],
)

/** What GitHub last said of an installation's hourly budgets, to whichever process. */
export const githubBudgets = pgTable(
  'github_budgets',
  {
    /** No foreign key: an installation may be read before its row is written. 0: the personal token's. */
    installationId: bigint('installation_id', { mode: 'number' }).notNull(),
    /** GitHub's own name: `core`, `graphql`. */
    resource: text().notNull(),
    limit: integer().notNull(),
    remaining: integer().notNull(),
    resetsAt: time('resets_at').notNull(),
    toldAt: time('told_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.installationId, table.resource] })],
)

/** The disk that a machine's data folder is on. */
export const disks = pgTable('disks', {
  machineId: uuid('machine_id')
    .primaryKey()
    .references(() => machines.id, { onDelete: 'cascade' }),
  /** Bytes, as all that follows. */
  free: bigint({ mode: 'number' }).notNull(),
  size: bigint({ mode: 'number' }).notNull(),
  budget: bigint({ mode: 'number' }).notNull(),
  measuredAt: time('measured_at').notNull(),
  /** By the data folder's parts, which take longer to measure. */
  parts: jsonb().$type<Readonly<Record<string, number>>>().notNull().default({}),
  partsMeasuredAt: time('parts_measured_at'),
})
