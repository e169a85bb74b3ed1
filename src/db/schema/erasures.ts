import { sql } from 'drizzle-orm'
import { bigint, bigserial, integer, jsonb, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import type { Digest } from '../../blobs/types.ts'
import { time } from '../columns.ts'
import { installation, repositories } from './repositories.ts'

/**
 * What was erased, and must not come back: it stands until it is lifted. Holds digests and numbers alone, of what the disks of
 * machines still have to lose: the rows are gone once this row is there.
 */
export const erasures = pgTable(
  'erasures',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    installationId: installation(),
    repositoryId: bigint('repository_id', { mode: 'number' })
      .notNull()
      .references(() => repositories.id),
    /** The one pull; null: the whole repository. */
    pull: integer(),
    reason: text({
      enum: ['opted-out', 'uninstalled', 'repository-removed', 'repository-deleted', 'privatized', 'forgotten'],
    }).notNull(),
    /** Candidates whose trees are pinned in mirrors. */
    candidates: jsonb().$type<readonly number[]>().notNull(),
    /** Digests of unpacked layers. */
    layers: jsonb().$type<readonly string[]>().notNull(),
    blobs: jsonb().$type<readonly Digest[]>().notNull(),
    erasedAt: time('erased_at').notNull().defaultNow(),
    liftedAt: time('lifted_at'),
  },
  (table) => [
    uniqueIndex('erasures_standing')
      .on(table.repositoryId, sql`coalesce(${table.pull}, 0)`)
      .where(sql`${table.liftedAt} is null`),
  ],
)

/** A machine is a data folder: its mirrors, unpacked layers and caches are its own. */
export const machines = pgTable('machines', {
  id: uuid().primaryKey(),
  host: text().notNull(),
  seenAt: time('seen_at').notNull().defaultNow(),
})

/** Which machine has forgotten what: an erasure is complete when every machine is here. */
export const forgottenOn = pgTable(
  'forgotten_on',
  {
    machineId: uuid('machine_id')
      .notNull()
      .references(() => machines.id, { onDelete: 'cascade' }),
    erasureId: bigint('erasure_id', { mode: 'number' })
      .notNull()
      .references(() => erasures.id),
    at: time('at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.machineId, table.erasureId] })],
)
