import { and, asc, sql } from 'drizzle-orm'
import type { Executor } from '../db/connect.ts'
import { repositories } from '../db/schema.ts'
import { ownerOfRepository } from './ledger.ts'

/** A repository as operators see it. */
export interface ListedRepository {
  readonly repository: string
  readonly forge: string
  readonly state: 'active' | 'removed' | 'deleted'
  readonly private: boolean
  readonly archived: boolean
  readonly visibility: 'private' | 'organisation' | 'public'
  /** Whether a settings file of its owner's is in force. */
  readonly settings: boolean
  /** Candidates by their state. */
  readonly candidates: Readonly<Record<'proposed' | 'vetted' | 'refused' | 'fault', number>>
  /** Tasks that are live. */
  readonly tasks: number
  /** How many merged pulls the backfill has listed, and whether it came to its end; null: there is none. */
  readonly backfill: { readonly listed: number; readonly done: boolean } | null
  readonly reconciled_at: string | null
  readonly created_at: string
}

export interface RepositoryFilter {
  readonly owner?: string | undefined
  readonly state?: string | undefined
}

/** A page by name, after one. A forge may have two repositories whose names differ in nothing but the installation: the id tells them apart. */
export async function repositoriesPage(
  db: Executor,
  { owners }: { readonly owners: readonly string[] | null },
  { owner, state }: RepositoryFilter,
  { after, limit }: { readonly after: { readonly name: string; readonly id: number } | null; readonly limit: number },
): Promise<{ readonly repositories: ListedRepository[]; readonly next: { name: string; id: number } | null }> {
  const rows = await db
    .select({
      id: repositories.id,
      repository: repositories.name,
      forge: repositories.forge,
      state: repositories.state,
      private: repositories.isPrivate,
      archived: repositories.isArchived,
      visibility: repositories.visibility,
      settings: sql<boolean>`${repositories.settings} is not null`,
      candidates: sql<Record<string, number>>`coalesce((select jsonb_object_agg(state, n) from (
        select c.state, count(*)::int as n from candidates c where c.repository_id = repositories.id group by c.state) counted), '{}')`,
      tasks: sql<number>`(select count(*)::int from tasks t where t.repository_id = repositories.id and t.state = 'live')`,
      backfill: repositories.backfill,
      reconciledAt: repositories.reconciledAt,
      createdAt: repositories.createdAt,
    })
    .from(repositories)
    .where(
      and(
        owners === null ? undefined : sql`${ownerOfRepository} = any(${sql.param([...owners])}::text[])`,
        owner === undefined ? undefined : sql`${ownerOfRepository} = ${owner.toLowerCase()}`,
        state === undefined ? undefined : sql`${repositories.state} = ${state}`,
        after === null ? undefined : sql`(${repositories.name}, ${repositories.id}) > (${after.name}, ${after.id})`,
      ),
    )
    .orderBy(asc(repositories.name), asc(repositories.id))
    .limit(limit + 1)
  const page = rows.slice(0, limit)
  const last = rows.length > limit ? page.at(-1) : undefined
  return {
    repositories: page.map(({ id: _, reconciledAt, createdAt, backfill, candidates, ...row }) => ({
      ...row,
      candidates: { proposed: 0, vetted: 0, refused: 0, fault: 0, ...candidates },
      backfill: backfill === null ? null : { listed: backfill.listed, done: backfill.done },
      reconciled_at: reconciledAt?.toISOString() ?? null,
      created_at: createdAt.toISOString(),
    })),
    next: last === undefined ? null : { name: last.repository, id: last.id },
  }
}
