import { sql } from 'drizzle-orm'
import {
  bigint,
  bigserial,
  boolean,
  doublePrecision,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  uuid,
} from 'drizzle-orm/pg-core'
import { time } from '../columns.ts'
import { tokens } from './access.ts'
import { installation } from './repositories.ts'
import { tasks } from './tasks.ts'

/** What a consumer tells of one attempt at a task. */
export const outcomes = pgTable(
  'outcomes',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    installationId: installation(),
    taskId: bigint('task_id', { mode: 'number' })
      .notNull()
      .references(() => tasks.id),
    /** The hash of the task as it was attempted. */
    contentHash: text('content_hash').notNull(),
    /** Null: told at the command line. */
    tokenId: bigint('token_id', { mode: 'number' }).references(() => tokens.id),
    consumer: text().notNull(),
    model: text().notNull(),
    solved: boolean().notNull(),
    reward: doublePrecision(),
    /** Tokens that the model spent. */
    tokens: bigint({ mode: 'number' }),
    /** The grade that it goes by, as the API calls it. No foreign key: a grade may be cleaned up sooner. */
    grade: uuid(),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (table) => [
    index('outcomes_task').on(table.taskId, table.model),
    index('outcomes_grade').on(table.grade).where(sql`grade is not null`),
  ],
)

/** Requests that brought outcomes with a key of the sender's own: the same is stored once. */
export const outcomeRequests = pgTable(
  'outcome_requests',
  {
    tokenId: bigint('token_id', { mode: 'number' })
      .notNull()
      .references(() => tokens.id),
    idempotencyKey: text('idempotency_key').notNull(),
    /** sha256 of what was sent with it. */
    requestDigest: text('request_digest').notNull(),
    stored: integer().notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.tokenId, table.idempotencyKey] }),
    index('outcome_requests_created').on(table.createdAt),
  ],
)

/** How often a task's attempts solved it, by model; the model '' is all of them together. */
export const solveRates = pgTable(
  'solve_rates',
  {
    installationId: installation(),
    taskId: bigint('task_id', { mode: 'number' })
      .notNull()
      .references(() => tasks.id),
    model: text().notNull(),
    /** The task's, written by a trigger: for row-level security, as a plain column. */
    owner: text().notNull().default(''),
    attempts: integer().notNull(),
    solved: integer().notNull(),
    rate: doublePrecision().generatedAlwaysAs(sql`solved::double precision / nullif(attempts, 0)`),
    /** Of the model '' alone: always or never solved after enough attempts. */
    signal: text({ enum: ['always-solved', 'never-solved'] }),
    /** The transaction that changed it last, by its number: who reads on from a point misses none that committed late. */
    changedBy: bigint('changed_by', { mode: 'number' }).notNull().default(sql`pg_current_xact_id()::text::bigint`),
  },
  (table) => [
    primaryKey({ columns: [table.taskId, table.model] }),
    index('solve_rates_rate').on(table.model, table.rate, table.taskId),
    index('solve_rates_changed').on(table.changedBy),
  ],
)
