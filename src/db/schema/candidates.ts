import { bigint, bigserial, index, integer, jsonb, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core'
import type { Digest } from '../../blobs/types.ts'
import type { Evidence, Flag, KindedChange, Reason, Statement, TestPaths } from '../../model/index.ts'
import { bytea, time } from '../columns.ts'
import { installation, pulls, repositories } from './repositories.ts'

/** The ledger: every merged pull that a miner looked at, how far it came, and why it was refused. */
export const candidates = pgTable(
  'candidates',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    installationId: installation(),
    repositoryId: bigint('repository_id', { mode: 'number' })
      .notNull()
      .references(() => repositories.id),
    pullId: bigint('pull_id', { mode: 'number' })
      .notNull()
      .references(() => pulls.id),
    miner: text().notNull(),
    revision: integer().notNull().default(1),
    /** `proposed` until it is decided. */
    state: text({ enum: ['proposed', 'vetted', 'refused', 'fault'] }).notNull(),
    /** The stage that has it next, or that decided it. */
    stage: text({ enum: ['intake', 'miner', 'snapshot', 'environment', 'validators', 'publish'] }).notNull(),
    reason: text().$type<Reason>(),
    evidence: jsonb().$type<Evidence>().notNull().default({}),
    flags: jsonb().$type<readonly Flag[]>().notNull().default([]),
    baseCommit: text('base_commit'),
    /** The strategy attempt under which its tests ran: the environment it is validated in. */
    attemptId: bigint('attempt_id', { mode: 'number' }),
    /** Stage → seconds spent. */
    seconds: jsonb().$type<Readonly<Record<string, number>>>().notNull().default({}),
    createdAt: time('created_at').notNull().defaultNow(),
    decidedAt: time('decided_at'),
    /** When its author was told on GitHub; null: not, or not yet. */
    reportedAt: time('reported_at'),
  },
  (table) => [
    uniqueIndex('candidates_identity').on(table.pullId, table.miner, table.revision),
    index('candidates_ledger').on(table.repositoryId, table.state, table.reason),
  ],
)

export const snapshots = pgTable(
  'snapshots',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    installationId: installation(),
    candidateId: bigint('candidate_id', { mode: 'number' })
      .notNull()
      .references(() => candidates.id),
    baseCommit: text('base_commit').notNull(),
    baseTree: text('base_tree').notNull(),
    beforeTree: text('before_tree').notNull(),
    afterTree: text('after_tree').notNull(),
    fixPatch: bytea('fix_patch').notNull(),
    testPatch: bytea('test_patch').notNull(),
    changes: jsonb().$type<readonly KindedChange[]>().notNull(),
    statement: jsonb().$type<Statement>().notNull(),
    /** What the frameworks' own configuration says of test paths: grading puts these back. */
    testPaths: jsonb('test_paths').$type<TestPaths>().notNull(),
    /** As `git describe` would find at the base, where it finds one. */
    tag: text(),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (table) => [uniqueIndex('snapshots_candidate').on(table.candidateId)],
)

/** Names of tests, once for every list of names that ever occurred: runs point here and hold one character a test. */
export const testNames = pgTable('test_names', {
  /** sha256 of the JSON array. */
  digest: text().primaryKey(),
  installationId: installation(),
  count: integer().notNull(),
  /** Brotli of a JSON array of test ids, sorted. */
  names: bytea().notNull(),
})

/** One execution of the tests. */
export const runs = pgTable(
  'runs',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    installationId: installation(),
    candidateId: bigint('candidate_id', { mode: 'number' })
      .notNull()
      .references(() => candidates.id),
    attemptId: bigint('attempt_id', { mode: 'number' }).notNull(),
    state: text({ enum: ['base', 'before', 'after'] }).notNull(),
    /** `suite` runs count from 0 in each state; `repeat` runs are those of the FAIL_TO_PASS files alone. */
    part: text({ enum: ['suite', 'repeat'] }).notNull(),
    ordinal: integer().notNull(),
    ended: text().notNull(),
    exitCode: integer('exit_code'),
    seconds: jsonb().$type<Readonly<Record<string, number>>>().notNull(),
    peakMib: integer('peak_mib'),
    cores: integer().notNull(),
    namesDigest: text('names_digest')
      .notNull()
      .references(() => testNames.digest),
    /** Brotli of one character a test, in the order of the names: p f s e. */
    statuses: bytea().notNull(),
    /** For each test plan the files that its tests are in; null where its framework tells none. */
    planFiles: jsonb('plan_files').$type<readonly (readonly string[] | null)[]>().notNull(),
    /** Blob with the tail of what the commands printed; null once cleaned up. */
    log: text().$type<Digest>(),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (table) => [
    uniqueIndex('runs_identity').on(table.candidateId, table.attemptId, table.state, table.part, table.ordinal),
    index('runs_names').on(table.namesDigest),
  ],
)

export const verdicts = pgTable(
  'verdicts',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    installationId: installation(),
    candidateId: bigint('candidate_id', { mode: 'number' })
      .notNull()
      .references(() => candidates.id),
    validator: text().notNull(),
    verdict: text({ enum: ['accepted', 'refused', 'flagged'] }).notNull(),
    reason: text().$type<Reason>(),
    evidence: jsonb().$type<Evidence>().notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (table) => [uniqueIndex('verdicts_identity').on(table.candidateId, table.validator)],
)

/** A test ever seen flaky in a repository stays out of its PASS_TO_PASS lists. */
export const flakyTests = pgTable(
  'flaky_tests',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    installationId: installation(),
    repositoryId: bigint('repository_id', { mode: 'number' })
      .notNull()
      .references(() => repositories.id),
    test: text().notNull(),
    candidateId: bigint('candidate_id', { mode: 'number' })
      .notNull()
      .references(() => candidates.id),
    seenAt: time('seen_at').notNull().defaultNow(),
  },
  (table) => [uniqueIndex('flaky_tests_identity').on(table.repositoryId, table.test)],
)
