import { bigint, bigserial, index, integer, jsonb, pgTable, text } from 'drizzle-orm/pg-core'
import { time } from '../columns.ts'
import { tasks } from './tasks.ts'

/** Who may ask over HTTP. The token itself is shown once and stands nowhere. */
export const tokens = pgTable('tokens', {
  id: bigserial({ mode: 'number' }).primaryKey(),
  name: text().notNull().unique(),
  /** sha256 of the token's text, in hex. */
  hash: text().notNull().unique(),
  scopes: jsonb().$type<readonly string[]>().notNull(),
  /** Accounts whose tasks it sees, in lower case; null: all. */
  owners: jsonb().$type<readonly string[]>(),
  createdAt: time('created_at').notNull().defaultNow(),
  /** Null: never. */
  expiresAt: time('expires_at'),
  lastUsedAt: time('last_used_at'),
  revokedAt: time('revoked_at'),
})

/** The audit trail: who was served what. One row a request; a list is told by its query and how many came of it. */
export const servings = pgTable(
  'servings',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    tokenId: bigint('token_id', { mode: 'number' })
      .notNull()
      .references(() => tokens.id),
    at: time('at').notNull().defaultNow(),
    /** `tasks`, `task`, `snapshot`, `tests`, `solution`, `lease`, `grade` …: the part that was served. */
    what: text().notNull(),
    /** Null: a list. */
    taskId: bigint('task_id', { mode: 'number' }).references(() => tasks.id),
    tasks: integer().notNull(),
    /** The query, the publication sequence it was answered as of, and what else tells it apart. */
    detail: jsonb().$type<Readonly<Record<string, unknown>>>().notNull().default({}),
  },
  (table) => [index('servings_token').on(table.tokenId, table.at), index('servings_task').on(table.taskId, table.at)],
)
