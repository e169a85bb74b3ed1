import { bigserial, jsonb, pgTable } from 'drizzle-orm/pg-core'
import { time } from '../columns.ts'

/** What each nightly run did and what it cost. */
export const nightlyReports = pgTable('nightly_reports', {
  id: bigserial({ mode: 'number' }).primaryKey(),
  startedAt: time('started_at').notNull(),
  endedAt: time('ended_at').notNull(),
  /** As `quarry nightly --json` tells it. */
  report: jsonb().$type<object>().notNull(),
})
