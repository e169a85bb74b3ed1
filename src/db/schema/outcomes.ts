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
  uniqueIndex,
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
    /** The sender's own key for it: the same is stored once. */
    idempotencyKey: text('idempotency_key'),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (table) => [
    index('outcomes_task').on(table.taskId, table.model),
    uniqueIndex('outcomes_key').on(table.tokenId, table.idempotencyKey).where(sql`idempotency_key is not null`),
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
  },
  (table) => [
    primaryKey({ columns: [table.taskId, table.model] }),
    index('solve_rates_rate').on(table.model, table.rate, table.taskId),
  ],
)
