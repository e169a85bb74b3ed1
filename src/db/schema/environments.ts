import {
  bigint,
  bigserial,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
} from 'drizzle-orm/pg-core'
import type { Digest } from '../../blobs/types.ts'
import type { Evidence, Flag, Reason, Strategy } from '../../model/index.ts'
import { time } from '../columns.ts'
import { candidates } from './candidates.ts'
import { installation, repositories } from './repositories.ts'

/** One install: built once for its key, however many candidates share it. A failed one is kept too, with its log. */
export const environments = pgTable(
  'environments',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    installationId: installation(),
    /** Whose candidate it was built for; others of the owner may share it. */
    repositoryId: bigint('repository_id', { mode: 'number' }).references(() => repositories.id),
    /** sha256 over manifests, lockfiles, toolchain, commands, platform and root. */
    key: text().notNull(),
    state: text({ enum: ['built', 'failed'] }).notNull(),
    /** Digest of the layer's uncompressed bytes (OCI diff id); null where the install failed. */
    layer: text(),
    /** Blob of the compressed layer. */
    blob: text().$type<Digest>(),
    layerBytes: bigint('layer_bytes', { mode: 'number' }),
    unpackedBytes: bigint('unpacked_bytes', { mode: 'number' }),
    /** What the sandbox's root was: distribution, versions, digest. */
    root: text().notNull(),
    toolchain: jsonb().$type<Readonly<Record<string, string>>>().notNull(),
    reason: text().$type<Reason>(),
    evidence: jsonb().$type<Evidence>().notNull(),
    flags: jsonb().$type<readonly Flag[]>().notNull().default([]),
    /** Blob with what the install printed; null once cleaned up. */
    log: text().$type<Digest>(),
    seconds: doublePrecision().notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
    usedAt: time('used_at').notNull().defaultNow(),
  },
  (table) => [
    uniqueIndex('environments_key').on(table.installationId, table.key),
    index('environments_repository').on(table.repositoryId),
  ],
)

/** Every strategy tried for a candidate, in order, and how it went: the first under which the tests run after the fix wins. */
export const attempts = pgTable(
  'attempts',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    installationId: installation(),
    candidateId: bigint('candidate_id', { mode: 'number' })
      .notNull()
      .references(() => candidates.id),
    position: integer().notNull(),
    environmentId: bigint('environment_id', { mode: 'number' }).references(() => environments.id),
    strategy: jsonb().$type<Strategy>().notNull(),
    outcome: text({ enum: ['works', 'failed'] }).notNull(),
    reason: text().$type<Reason>(),
    evidence: jsonb().$type<Evidence>().notNull(),
    /** Blob with what the install or the after-run printed; null once cleaned up. */
    log: text().$type<Digest>(),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (table) => [
    uniqueIndex('attempts_identity').on(table.candidateId, table.position),
    index('attempts_environment').on(table.environmentId),
  ],
)

/** Which strategy of an ecosystem's ladder worked last in a repository: tried first for its next candidate. */
export const learnedStrategies = pgTable(
  'learned_strategies',
  {
    installationId: installation(),
    repositoryId: bigint('repository_id', { mode: 'number' })
      .notNull()
      .references(() => repositories.id),
    ecosystem: text().notNull(),
    strategy: text().notNull(),
    /** Strategies that stand before it on the ladder and failed. */
    failed: text().array().notNull(),
    /** When the candidate that it worked for was merged: what it tells of other times is little. */
    mergedAt: time('merged_at').notNull(),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.repositoryId, table.ecosystem] })],
)
