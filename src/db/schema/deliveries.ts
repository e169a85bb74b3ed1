import { index, integer, pgTable, text } from 'drizzle-orm/pg-core'
import { bytea, time } from '../columns.ts'

/**
 * Webhook deliveries, stored before they are answered, once for each GUID. No foreign keys and no tenancy: what a delivery is
 * about is only known once it is worked on. The payload goes when that is done.
 */
export const deliveries = pgTable(
  'deliveries',
  {
    guid: text().primaryKey(),
    event: text().notNull(),
    action: text(),
    /** GitHub's numbers, for logs and the operator's queries. */
    installation: text(),
    repository: text(),
    number: integer(),
    /** `ignored`: nothing of Quarry's hangs on this event. */
    state: text({ enum: ['waiting', 'done', 'ignored'] }).notNull(),
    /** JSON, byte for byte as it came: Postgres's own JSON types refuse some. */
    payload: bytea(),
    receivedAt: time('received_at').notNull().defaultNow(),
    doneAt: time('done_at'),
  },
  (table) => [index('deliveries_received').on(table.receivedAt)],
)
