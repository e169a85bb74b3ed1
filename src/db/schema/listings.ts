import { sql } from 'drizzle-orm'
import {
  bigint,
  customType,
  doublePrecision,
  index,
  integer,
  pgTable,
  primaryKey,
  serial,
  smallint,
  text,
  unique,
  uniqueIndex,
} from 'drizzle-orm/pg-core'
import { time } from '../columns.ts'
import { tasks } from './tasks.ts'

const tsvector = customType<{ data: string }>({ dataType: () => 'tsvector' })
/** 0s and 1s. */
const signature = customType<{ data: string }>({ dataType: () => 'bit(512)' })

/**
 * The facets with few values, each combination once: a filter on any of them is a set of kinds, and what no kind has is known at once
 * to be empty. Says nothing of who has such a task.
 */
export const taskKinds = pgTable(
  'task_kinds',
  {
    id: serial().primaryKey(),
    language: text().notNull(),
    ecosystem: text().notNull(),
    miner: text().notNull(),
    licence: text(),
    /** Sorted, as the flags. */
    frameworks: text().array().notNull(),
    flags: text().array().notNull(),
    /** Listings that it ever had: what a query plans by. */
    listings: bigint({ mode: 'number' }).notNull().default(0),
  },
  (table) => [
    unique('task_kinds_identity')
      .on(table.language, table.ecosystem, table.miner, table.licence, table.frameworks, table.flags)
      .nullsNotDistinct(),
  ],
)

/**
 * What queries search: a narrow row for each stretch of the publication sequence in which a task is the newest revision of its name and
 * live. A task has one, and one more each time it came out of quarantine. So the set as of a sequence is `from <= it < until`, with
 * indexes, for ever. Triggers write it (of publications, statements and solve rates); nobody else does.
 */
export const listings = pgTable(
  'listings',
  {
    taskId: bigint('task_id', { mode: 'number' })
      .notNull()
      .references(() => tasks.id),
    fromSequence: bigint('from_sequence', { mode: 'number' }).notNull(),
    /** The publication that ended it; null: it stands. */
    untilSequence: bigint('until_sequence', { mode: 'number' }),
    /** The task's own: the order of publication. */
    sequence: bigint({ mode: 'number' }).notNull(),
    kindId: integer('kind_id')
      .notNull()
      .references(() => taskKinds.id),
    failToPass: integer('fail_to_pass').notNull(),
    files: integer().notNull(),
    lines: integer().notNull(),
    difficulty: smallint().notNull(),
    mergedAt: time('merged_at').notNull(),
    earliestAt: time('earliest_at').notNull(),
    /** Of all models together. Without an index, so that an outcome rewrites no index of these. */
    attempts: integer().notNull().default(0),
    solveRate: doublePrecision('solve_rate'),
    signal: text(),
    /** In lower case, as the repository. */
    owner: text().notNull(),
    repository: text().notNull(),
    /** Of its kind: what is asked for most has indexes of its own. */
    language: text().notNull(),
    /** A bit for each of `words`, by a hash. What lacks one that is sought need not be fetched to know that it does not match. */
    signature: signature().notNull(),
    /** The statement's words. Kept out of line: see `wide`. */
    words: tsvector().notNull(),
    /**
     * Blanks that make a row wider than 2 KB until they are compressed to a few bytes: Postgres then moves `words` out of line however short
     * they are, and what a query walks stays narrow.
     */
    wide: text().notNull().default(sql`repeat(' ', 2100)`),
  },
  (table) => [
    uniqueIndex('listings_task').on(table.taskId, table.fromSequence),
    index('listings_sequence').on(table.sequence),
    index('listings_kind').on(table.kindId, table.sequence),
    index('listings_owner').on(table.owner, table.sequence),
    index('listings_repository').on(table.repository, table.sequence),
    index('listings_merged').on(table.mergedAt, table.sequence),
    index('listings_language').on(table.language, table.sequence),
    index('listings_language_merged').on(table.language, table.mergedAt, table.sequence),
    index('listings_earliest').on(table.earliestAt),
    index('listings_lines').on(table.lines, table.sequence),
    index('listings_files').on(table.files),
    index('listings_fail_to_pass').on(table.failToPass),
    // Small: few tasks have one, and it seldom changes.
    index('listings_signal').on(table.signal, table.sequence).where(sql`signal is not null`),
    index('listings_difficulty').on(table.difficulty, table.sequence),
    index('listings_words').using('gin', table.words).with({ fastupdate: false }),
  ],
)

/**
 * The kinds of which a repository ever had a listing: a lease that is about others passes it by without a look at its tasks. A trigger of
 * `listings` writes it.
 */
export const repositoryKinds = pgTable(
  'repository_kinds',
  {
    /** In lower case, as there. */
    repository: text().notNull(),
    kindId: integer('kind_id').notNull(),
  },
  (table) => [primaryKey({ columns: [table.repository, table.kindId] })],
)
