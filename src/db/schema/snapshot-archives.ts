import { bigint, index, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import type { Digest } from '../../blobs/types.ts'
import { time } from '../columns.ts'
import { installation } from './repositories.ts'
import { tasks } from './tasks.ts'

/** Snapshots as agents fetch them: made when first asked for, and let go where the disk's budget wants the room. */
export const snapshotArchives = pgTable(
  'snapshot_archives',
  {
    taskId: bigint('task_id', { mode: 'number' })
      .notNull()
      .references(() => tasks.id),
    format: text({ enum: ['tar', 'bundle'] }).notNull(),
    installationId: installation(),
    blob: text().$type<Digest>().notNull(),
    bytes: bigint({ mode: 'number' }).notNull(),
    /** The one commit that is in it. */
    commit: text().notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
    usedAt: time('used_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.taskId, table.format] }),
    index('snapshot_archives_used').on(table.usedAt),
    index('snapshot_archives_blob').on(table.blob),
  ],
)
