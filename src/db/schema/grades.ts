import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import type { Digest } from '../../blobs/types.ts'
import type { Verdict } from '../../model/index.ts'
import { bytea, time } from '../columns.ts'
import { tokens } from './access.ts'
import { installation } from './repositories.ts'
import { tasks } from './tasks.ts'

export interface GradeResult {
  readonly failToPass: { readonly passed: readonly string[]; readonly failed: readonly string[] }
  readonly passToPass: { readonly passed: number; readonly failed: readonly string[] }
  readonly run: { readonly ended: string; readonly seconds: number } | null
  readonly detail: string | null
}

/**
 * The judgement of a patch against a task, and until it is there the place of the patch in the queue. A job of the queue says no more
 * than that there is a grade to do: which one, its worker chooses (`job`).
 */
export const grades = pgTable(
  'grades',
  {
    id: uuid().primaryKey().defaultRandom(),
    installationId: installation(),
    taskId: bigint('task_id', { mode: 'number' })
      .notNull()
      .references(() => tasks.id),
    /** The hash of the task as it is graded. */
    contentHash: text('content_hash').notNull(),
    /** sha256 of the patch, in hex. */
    patchDigest: text('patch_digest').notNull(),
    patch: bytea().notNull(),
    /** The system that the task's environment was made on: workers of that system take it. */
    root: text().notNull(),
    state: text({ enum: ['queued', 'running', 'done'] }).notNull(),
    /** Whoever asks for the same patch on the same task is given this one: all that came through the queue, but no fault. */
    shared: boolean().notNull().default(false),
    /** The job that has it in hand; of one that waits to be tried again, the job that will. */
    job: uuid(),
    /** Which machine has it in hand, or had it last. */
    machine: text(),
    /** How often a worker began with it. */
    attempts: integer().notNull().default(0),
    /** From here on null until it is done. */
    verdict: text().$type<Verdict>(),
    reward: integer(),
    result: jsonb().$type<GradeResult>(),
    /** Blob with what the run printed. */
    log: text().$type<Digest>(),
    seconds: doublePrecision(),
    /** Of these, how long the builds and the test commands ran. */
    testSeconds: doublePrecision('test_seconds'),
    /** The one test, of both lists together, that an unresolved grade of a patch failed. */
    loneTest: text('lone_test').generatedAlwaysAs(
      sql`case when verdict = 'unresolved' and octet_length(patch) > 0
        and jsonb_array_length(result->'failToPass'->'failed') + jsonb_array_length(result->'passToPass'->'failed') = 1
        then coalesce(result->'failToPass'->'failed'->>0, result->'passToPass'->'failed'->>0) end`,
    ),
    queuedAt: time('queued_at').notNull().defaultNow(),
    startedAt: time('started_at'),
    endedAt: time('ended_at'),
  },
  (table) => [
    index('grades_task').on(table.taskId, table.patchDigest),
    uniqueIndex('grades_shared').on(table.taskId, table.contentHash, table.patchDigest).where(sql`shared`),
    index('grades_waiting').on(table.root, table.queuedAt).where(sql`state = 'queued' and job is null`),
    index('grades_lone').on(table.taskId, table.patchDigest).where(sql`lone_test is not null`),
    index('grades_undone').on(table.root).where(sql`state <> 'done'`),
    index('grades_in_hand').on(table.job).where(sql`state <> 'done' and job is not null`),
  ],
)

/** Who asked for a grade: what the API calls a grade is one of these. */
export const gradeRequests = pgTable(
  'grade_requests',
  {
    id: uuid().primaryKey().defaultRandom(),
    installationId: installation(),
    gradeId: uuid('grade_id')
      .notNull()
      .references(() => grades.id),
    tokenId: bigint('token_id', { mode: 'number' })
      .notNull()
      .references(() => tokens.id),
    /** Tokens that see the same accounts see each other's. */
    realm: text().notNull(),
    /** The sender's own key for a whole request: sent again it is given the same grades. */
    idempotencyKey: text('idempotency_key'),
    /** sha256 of what was sent with the key. */
    bodyDigest: text('body_digest'),
    /** Its place in that request. */
    position: integer().notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (table) => [
    index('grade_requests_grade').on(table.gradeId),
    uniqueIndex('grade_requests_key')
      .on(table.tokenId, table.idempotencyKey, table.position)
      .where(sql`idempotency_key is not null`),
  ],
)
