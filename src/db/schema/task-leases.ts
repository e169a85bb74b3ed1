import { sql } from 'drizzle-orm'
import {
  bigint,
  bigserial,
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { time } from '../columns.ts'
import { tokens } from './access.ts'

/*
 * Leases of tasks by training pipelines; what they share with `leases` is the word alone. No tenancy column: a consumer belongs to a
 * realm, those who see the same accounts, and these may be several installations. Where a lease writes a row for each of its tasks there
 * is no foreign key to tasks and consumers: each would lock its row, which hundreds lease at once, and neither is ever deleted.
 */

/** A training run, by the name that it calls itself; two realms may use the same name. */
export const consumers = pgTable(
  'consumers',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    /** Whose name it is: `realmOf` a caller. */
    realm: text().notNull(),
    name: text().notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (table) => [uniqueIndex('consumers_name').on(table.realm, table.name)],
)

export const taskLeases = pgTable(
  'task_leases',
  {
    id: uuid().primaryKey().defaultRandom(),
    consumerId: bigint('consumer_id', { mode: 'number' })
      .notNull()
      .references(() => consumers.id),
    /** Null: leased at the command line. */
    tokenId: bigint('token_id', { mode: 'number' }).references(() => tokens.id),
    /** Rollouts of each task that the consumer has in mind. */
    attempts: integer().notNull(),
    ttlSeconds: integer('ttl_seconds').notNull(),
    /** The sender's own key for it: sent again it is given the same lease. */
    idempotencyKey: text('idempotency_key'),
    /** sha256 of what was asked with the key. */
    requestDigest: text('request_digest'),
    createdAt: time('created_at').notNull().defaultNow(),
    expiresAt: time('expires_at').notNull(),
    /** When nothing of it was out any more: completed, released, or seen to be expired. */
    endedAt: time('ended_at'),
  },
  (table) => [
    index('task_leases_open').on(table.consumerId, table.expiresAt).where(sql`ended_at is null`),
    index('task_leases_ended').on(table.endedAt),
    uniqueIndex('task_leases_key').on(table.tokenId, table.idempotencyKey).where(sql`idempotency_key is not null`),
  ],
)

export const leasedTasks = pgTable(
  'leased_tasks',
  {
    leaseId: uuid('lease_id').notNull(),
    /** In the order in which they were given. */
    position: integer().notNull(),
    taskId: bigint('task_id', { mode: 'number' }).notNull(),
    name: text().notNull(),
    /** One of an expired lease is `leased` until somebody comes by: what counts is the lease's time. */
    state: text({ enum: ['leased', 'completed', 'released', 'expired'] }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.leaseId, table.position] })],
)

/**
 * What a consumer has, or has had: while a row is here nobody else of that name is given the task, in whatever revision. A row is gone once a
 * task comes back that was never completed.
 */
export const servedTasks = pgTable(
  'served_tasks',
  {
    consumerId: bigint('consumer_id', { mode: 'number' }).notNull(),
    /** The task's name, without a revision: a newer revision is the same task to who has trained on it. */
    name: text().notNull(),
    /** The revision that was given last. */
    taskId: bigint('task_id', { mode: 'number' }).notNull(),
    /** Who has it; null: it is not out. No foreign key: a lease ends by its time, and its row goes long after. */
    leaseId: uuid('lease_id'),
    /** When it was last completed; null: never. */
    servedAt: time('served_at'),
  },
  (table) => [
    primaryKey({ columns: [table.consumerId, table.name] }),
    index('served_tasks_again').on(table.consumerId, table.servedAt, table.name).where(sql`lease_id is null`),
  ],
)

/** Tasks that came back to a consumer, in the order of their coming: every walk reads on from where it was. */
export const returnedTasks = pgTable(
  'returned_tasks',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    consumerId: bigint('consumer_id', { mode: 'number' }).notNull(),
    taskId: bigint('task_id', { mode: 'number' }).notNull(),
  },
  (table) => [index('returned_tasks_consumer').on(table.consumerId, table.id)],
)

/** How far a consumer has come through the tasks of one filter, so that no lease looks at what was served before. */
export const leaseWalks = pgTable(
  'lease_walks',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    consumerId: bigint('consumer_id', { mode: 'number' })
      .notNull()
      .references(() => consumers.id),
    /** sha256 over the filter and `againAfterSeconds`. */
    key: text().notNull(),
    filter: jsonb().$type<Readonly<Record<string, unknown>>>().notNull(),
    againAfterSeconds: integer('again_after_seconds'),
    /** Publications up to this sequence are taken in. */
    seenSequence: bigint('seen_sequence', { mode: 'number' }).notNull(),
    /** What came back up to this number is taken in. */
    seenReturn: bigint('seen_return', { mode: 'number' }).notNull(),
    /** Transactions below this number had ended when changed solve rates were last taken in. */
    seenTransaction: bigint('seen_transaction', { mode: 'number' }).notNull(),
    /** What was completed up to here (time, then name) is taken in to be served again. */
    seenServedAt: timestamp('seen_served_at', { withTimezone: true, mode: 'string' }),
    seenServedName: text('seen_served_name').notNull().default(''),
    /** The next repository that was not looked at yet, by id; null: all were. */
    nextRepository: bigint('next_repository', { mode: 'number' }),
    /** A repository that comes to be walked is looked at behind this sequence. */
    floorSequence: bigint('floor_sequence', { mode: 'number' }).notNull(),
    /** The place of the next task in the queue, and one before which there is none. */
    nextPosition: bigint('next_position', { mode: 'number' }).notNull().default(1),
    firstPosition: bigint('first_position', { mode: 'number' }).notNull().default(1),
    usedAt: time('used_at').notNull().defaultNow(),
  },
  (table) => [uniqueIndex('lease_walks_key').on(table.consumerId, table.key)],
)

/** A walk goes through all repositories turn by turn: next are those that had the fewest turns. */
export const walkedRepositories = pgTable(
  'walked_repositories',
  {
    walkId: bigint('walk_id', { mode: 'number' }).notNull(),
    /** In lower case. */
    repository: text().notNull(),
    /** Its tasks up to this sequence were looked at. */
    afterSequence: bigint('after_sequence', { mode: 'number' }).notNull(),
    turn: integer().notNull(),
    /** False: nothing is left, until something is published. */
    active: boolean().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.walkId, table.repository] }),
    index('walked_repositories_turn').on(table.walkId, table.turn, table.repository).where(sql`active`),
  ],
)

/** What a walk found and has not given yet. Whether it may still be given is asked when it is. */
export const queuedTasks = pgTable(
  'queued_tasks',
  {
    walkId: bigint('walk_id', { mode: 'number' }).notNull(),
    position: bigint({ mode: 'number' }).notNull(),
    taskId: bigint('task_id', { mode: 'number' }).notNull(),
    /** The task's: it never changes, and a task's own row is far away. */
    name: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.walkId, table.position] })],
)
