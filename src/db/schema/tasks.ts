import { sql } from 'drizzle-orm'
import {
  bigint,
  bigserial,
  boolean,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  smallint,
  text,
  uniqueIndex,
} from 'drizzle-orm/pg-core'
import type { Flag, Statement } from '../../model/index.ts'
import { bytea, time } from '../columns.ts'
import { candidates, snapshots } from './candidates.ts'
import { attempts, environments } from './environments.ts'
import { installation, repositories } from './repositories.ts'

/**
 * A vetted coding environment. (name, revision) is immutable; `contentHash` is its identity. An erased one stays as a tombstone:
 * what says that it was there, and nothing of what was in it.
 */
export const tasks = pgTable(
  'tasks',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    installationId: installation(),
    repositoryId: bigint('repository_id', { mode: 'number' })
      .notNull()
      .references(() => repositories.id),
    candidateId: bigint('candidate_id', { mode: 'number' }).references(() => candidates.id),
    snapshotId: bigint('snapshot_id', { mode: 'number' }).references(() => snapshots.id),
    attemptId: bigint('attempt_id', { mode: 'number' }).references(() => attempts.id),
    environmentId: bigint('environment_id', { mode: 'number' }).references(() => environments.id),
    name: text().notNull(),
    revision: integer().notNull(),
    contentHash: text('content_hash').notNull(),
    repository: text().notNull(),
    /** The account that the repository belongs to, in lower case: who may see the task. */
    owner: text().notNull().generatedAlwaysAs(sql`lower(split_part(repository, '/', 1))`),
    pull: integer().notNull(),
    miner: text().notNull(),
    ecosystem: text().notNull(),
    language: text().notNull(),
    frameworks: jsonb().$type<readonly string[]>().notNull(),
    /** SPDX id or expression that its manifest or licence file states; null: none is known. */
    licence: text(),
    statement: jsonb().$type<Statement>().notNull(),
    /** A page of tasks reads it without the statement. */
    title: text().notNull().generatedAlwaysAs(sql`coalesce(statement ->> 'title', '')`),
    failToPass: jsonb('fail_to_pass').$type<readonly string[]>().notNull(),
    /** For each FAIL_TO_PASS test what it was before: failed, errored, skipped, missing. */
    beforeStatuses: jsonb('before_statuses').$type<Readonly<Record<string, string>>>().notNull(),
    /** Brotli of a JSON array of test ids, sorted. */
    passToPass: bytea('pass_to_pass').notNull(),
    failToPassCount: integer('fail_to_pass_count').notNull(),
    passToPassCount: integer('pass_to_pass_count').notNull(),
    flaky: jsonb().$type<readonly string[]>().notNull(),
    flags: jsonb().$type<readonly Flag[]>().notNull(),
    filesChanged: integer('files_changed').notNull(),
    linesChanged: integer('lines_changed').notNull(),
    /**
     * 1 to 5, by the size of the fix: by its lines (under 10, 30, 100, 300), one more from 4 files on and again from 10. An estimate to sort
     * by where nobody has tried the task yet; solve rates say what it is.
     */
    difficulty: smallint()
      .notNull()
      .generatedAlwaysAs(
        sql`least(5, 1 + (lines_changed >= 10)::int + (lines_changed >= 30)::int + (lines_changed >= 100)::int + (lines_changed >= 300)::int + (files_changed >= 4)::int + (files_changed >= 10)::int)::smallint`,
      ),
    /** Seconds of the after-run: what a grade's time limit is made from. */
    afterSeconds: doublePrecision('after_seconds').notNull(),
    cores: integer().notNull(),
    visibility: text({ enum: ['private', 'organisation', 'public'] }).notNull(),
    state: text({ enum: ['live', 'quarantined', 'retired'] })
      .notNull()
      .default('live'),
    mergedAt: time('merged_at').notNull(),
    statementAt: time('statement_at'),
    /** The oldest of issues, pull, first commit and merge, as far as they are known: nothing in the task is older. */
    earliestAt: time('earliest_at').notNull(),
    /** The time of the publication that brought it: in the order of `sequence`. */
    publishedAt: time('published_at').notNull().defaultNow(),
    /** When its lists were last seen to hold, or not to. */
    validatedAt: time('validated_at').notNull().defaultNow(),
    erasedAt: time('erased_at'),
    /** The publication that brought it. */
    sequence: bigint({ mode: 'number' }).notNull(),
    /** The publication that took it out of the live set, why and when; null: it is live. Written by a trigger of `publications`, as what follows. */
    endedSequence: bigint('ended_sequence', { mode: 'number' }),
    endedReason: text('ended_reason'),
    endedAt: time('ended_at'),
    /** The publication that brought a newer revision. */
    supersededSequence: bigint('superseded_sequence', { mode: 'number' }),
  },
  (table) => [
    uniqueIndex('tasks_identity').on(table.installationId, table.name, table.revision),
    index('tasks_name').on(table.name, table.revision),
    index('tasks_ended').on(table.endedSequence),
    uniqueIndex('tasks_candidate').on(table.candidateId),
    index('tasks_repository').on(table.repositoryId, table.sequence),
    index('tasks_merged').on(table.mergedAt),
    index('tasks_snapshot').on(table.snapshotId),
    index('tasks_attempt').on(table.attemptId),
    index('tasks_environment').on(table.environmentId),
    index('tasks_validated').on(table.validatedAt),
  ],
)

/** Serialises the publication sequence: one row, locked by each publishing transaction, so that commit order is sequence order. */
export const publicationCounter = pgTable('publication_counter', {
  one: boolean().primaryKey().default(true),
  last: bigint({ mode: 'number' }).notNull(),
})

/** What happened to which task, in an order that never changes: `as_of` means a sequence of this table. */
export const publications = pgTable(
  'publications',
  {
    sequence: bigint({ mode: 'number' }).primaryKey(),
    installationId: installation(),
    taskId: bigint('task_id', { mode: 'number' })
      .notNull()
      .references(() => tasks.id),
    /** `published` again: a task that came out of quarantine. */
    event: text({ enum: ['published', 'quarantined', 'retired'] }).notNull(),
    /** Why, as one word. */
    detail: text(),
    /** In the order of the sequence. */
    at: time('at').notNull().default(sql`clock_timestamp()`),
  },
  (table) => [index('publications_task').on(table.taskId), index('publications_at').on(table.at, table.sequence)],
)
