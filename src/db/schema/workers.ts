import { index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { time } from '../columns.ts'

/** A process that takes jobs. A row is deleted when it stops, or by whoever finds its process dead. */
export const workers = pgTable('workers', {
  id: uuid().primaryKey(),
  host: text().notNull(),
  pid: integer().notNull(),
  processStart: text('process_start').notNull(),
  startedAt: time('started_at').notNull().defaultNow(),
})

/** Which worker has which job in hand: what a dead one held is given back at once. */
export const jobsInHand = pgTable(
  'jobs_in_hand',
  {
    jobId: uuid('job_id').primaryKey(),
    queue: text().notNull(),
    /** pg-boss counts the attempts of a job here; an attempt that has moved on is left alone. */
    retryCount: integer('retry_count').notNull(),
    /** No foreign key: a worker that was wrongly taken for dead still has to write here, or its jobs would fail. */
    workerId: uuid('worker_id').notNull(),
    takenAt: time('taken_at').notNull().defaultNow(),
  },
  (table) => [index('jobs_in_hand_worker').on(table.workerId)],
)
