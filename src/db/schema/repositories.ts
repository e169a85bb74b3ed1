import {
  bigint,
  bigserial,
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
} from 'drizzle-orm/pg-core'
import type { Issue, PullSource, ReadSettings } from '../../model/index.ts'
import { time } from '../columns.ts'

/** Who may see what: one row an installation of the App, by GitHub's number; row 0 is this machine's own command line. */
export const installations = pgTable('installations', {
  id: bigint({ mode: 'number' }).primaryKey(),
  account: text().notNull(),
  /** The App that is installed, by GitHub's number: another App's list says nothing of it. Null: installation 0's. */
  appId: bigint('app_id', { mode: 'number' }),
  /** `suspended`: nothing is read, what there is stays; `removed`: uninstalled. */
  state: text({ enum: ['active', 'suspended', 'removed'] })
    .notNull()
    .default('active'),
  /** What the account granted, as GitHub names it: `checks` → `write`. */
  permissions: jsonb().$type<Readonly<Record<string, string>>>().notNull().default({}),
  createdAt: time('created_at').notNull().defaultNow(),
})

/** How far a repository's merged pulls were listed, newest first. */
export interface BackfillState {
  /** Where the next page begins; null before the first and after the last. */
  readonly cursor: string | null
  readonly listed: number
  readonly done: boolean
}

/** The tenancy column that every table below carries. */
export const installation = () =>
  bigint('installation_id', { mode: 'number' })
    .notNull()
    .default(0)
    .references(() => installations.id)

/** A repository is (forge, numeric id); a plain clone has no id and takes its identity from its name. */
export const repositories = pgTable(
  'repositories',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    installationId: installation(),
    forge: text().notNull(),
    forgeId: text('forge_id'),
    /** `owner/name`, the newest. */
    name: text().notNull(),
    /** The path or URL it was last read from. */
    origin: text().notNull(),
    defaultBranch: text('default_branch'),
    /** On the forge; what may be mined of a private one is for its own settings file to say. */
    isPrivate: boolean('is_private').notNull().default(false),
    isArchived: boolean('is_archived').notNull().default(false),
    /** `removed`: no longer among those the App is installed on; `deleted`: gone from the forge. */
    state: text({ enum: ['active', 'removed', 'deleted'] })
      .notNull()
      .default('active'),
    /** `.github/quarry.yml` as it is in force on the default branch, the organisation's included; null: there is none. */
    settings: jsonb().$type<ReadSettings>(),
    backfill: jsonb().$type<BackfillState>(),
    /** Every pull that was changed before this time was seen. */
    reconciledAt: time('reconciled_at'),
    visibility: text({ enum: ['private', 'organisation', 'public'] })
      .notNull()
      .default('public'),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (table) => [
    uniqueIndex('repositories_forge_id').on(table.installationId, table.forge, table.forgeId),
    uniqueIndex('repositories_name').on(table.installationId, table.forge, table.name),
  ],
)

/** Names change; each one a repository ever had leads to it. */
export const repositoryNames = pgTable(
  'repository_names',
  {
    installationId: installation(),
    repositoryId: bigint('repository_id', { mode: 'number' })
      .notNull()
      .references(() => repositories.id),
    name: text().notNull(),
    since: time('since').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.repositoryId, table.name] })],
)

export const pulls = pgTable(
  'pulls',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    installationId: installation(),
    repositoryId: bigint('repository_id', { mode: 'number' })
      .notNull()
      .references(() => repositories.id),
    number: integer().notNull(),
    title: text().notNull(),
    body: text().notNull(),
    createdAt: time('created_at'),
    /** Null where intake refused it as not merged. */
    mergedAt: time('merged_at'),
    mergeCommit: text('merge_commit'),
    /** When the first of its own commits was written; null where they are not known. */
    firstCommitAt: time('first_commit_at'),
    baseRef: text('base_ref'),
    head: text(),
    authorLogin: text('author_login'),
    authorType: text('author_type'),
    labels: jsonb().$type<readonly string[]>().notNull(),
    closes: jsonb().$type<readonly number[]>().notNull(),
    source: text().$type<PullSource>().notNull(),
    readAt: time('read_at').notNull().defaultNow(),
  },
  (table) => [uniqueIndex('pulls_number').on(table.repositoryId, table.number)],
)

export const issues = pgTable(
  'issues',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    installationId: installation(),
    repositoryId: bigint('repository_id', { mode: 'number' })
      .notNull()
      .references(() => repositories.id),
    number: integer().notNull(),
    createdAt: time('created_at').notNull(),
    authorLogin: text('author_login'),
  },
  (table) => [uniqueIndex('issues_number').on(table.repositoryId, table.number)],
)

/** Which issues a pull closes, in its own order, and what they said when the pull was made: to another pull an issue may have said more. */
export const pullIssues = pgTable(
  'pull_issues',
  {
    installationId: installation(),
    pullId: bigint('pull_id', { mode: 'number' })
      .notNull()
      .references(() => pulls.id),
    issueId: bigint('issue_id', { mode: 'number' })
      .notNull()
      .references(() => issues.id),
    position: integer().notNull(),
    title: text().notNull(),
    body: text().notNull(),
    comments: jsonb().$type<Issue['comments']>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.pullId, table.issueId] }), index('pull_issues_issue').on(table.issueId)],
)
