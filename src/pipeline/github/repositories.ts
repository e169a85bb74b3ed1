import { and, eq, ne, sql } from 'drizzle-orm'
import type { RepositoryRow } from '../../db/candidates.ts'
import type { Db, Executor, Tx } from '../../db/connect.ts'
import { installations, repositories, repositoryNames } from '../../db/schema.ts'
import { type GitHubAccess, type GitHubClient, type GitHubRepository, repositoryNumbered } from '../../github/index.ts'
import { withdraw } from './withdraw.ts'

/** An installation as a webhook tells of it. */
export interface InstallationFacts {
  readonly id: number
  readonly account: string
  readonly permissions: Readonly<Record<string, string>>
}

/** The row of an installation, made or brought up to date; one that was removed is active again. */
export async function storeInstallation(
  tx: Tx,
  { appId }: Pick<GitHubAccess, 'appId'>,
  { id, account, permissions }: InstallationFacts,
): Promise<void> {
  await tx
    .insert(installations)
    .values({ id, account, permissions, appId })
    .onConflictDoUpdate({ target: installations.id, set: { account, permissions, appId, state: 'active' } })
}

/**
 * The row of an installation's repository, by its number, made or brought up to date. A rename keeps the row, and the
 * old name leads to it. Nothing is assumed about the order in which renames are heard of.
 */
export async function storeRepository(
  tx: Tx,
  { forge, webUrl }: Pick<GitHubAccess, 'forge' | 'webUrl'>,
  installationId: number,
  found: GitHubRepository,
): Promise<RepositoryRow> {
  await giveUpName(tx, forge, installationId, found)
  const facts = {
    name: found.fullName,
    origin: `${webUrl}/${found.fullName}.git`,
    isPrivate: found.private,
    isArchived: found.archived,
    state: 'active' as const,
    ...(found.defaultBranch === null ? {} : { defaultBranch: found.defaultBranch }),
  }
  const [row] = await tx
    .insert(repositories)
    .values({
      ...facts,
      installationId,
      forge,
      forgeId: String(found.id),
      visibility: found.private ? 'private' : 'public',
    })
    .onConflictDoUpdate({
      target: [repositories.installationId, repositories.forge, repositories.forgeId],
      set: facts,
    })
    .returning()
  if (row === undefined) throw new Error('a stored repository came back without its row')
  await tx
    .insert(repositoryNames)
    .values({ installationId, repositoryId: row.id, name: row.name })
    .onConflictDoNothing()
  return row
}

/** A name now belongs to another repository: the one that had it was renamed, and its own news is still to come. */
async function giveUpName(tx: Tx, forge: string, installationId: number, found: GitHubRepository): Promise<void> {
  await tx
    .update(repositories)
    .set({ name: sql`${repositories.name} || '@' || coalesce(${repositories.forgeId}, ${repositories.id}::text)` })
    .where(
      and(
        eq(repositories.installationId, installationId),
        eq(repositories.forge, forge),
        eq(repositories.name, found.fullName),
        ne(sql`coalesce(${repositories.forgeId}, '')`, String(found.id)),
      ),
    )
}

export async function repositoryById(db: Executor, id: number): Promise<RepositoryRow | null> {
  const [row] = await db.select().from(repositories).where(eq(repositories.id, id))
  return row ?? null
}

/** Brings a row up to date with what GitHub says of the repository now; null where it is gone: then so is what is held of it. */
export async function refreshRepository(
  db: Db,
  access: Pick<GitHubAccess, 'forge' | 'webUrl'>,
  client: GitHubClient,
  row: RepositoryRow,
): Promise<RepositoryRow | null> {
  if (row.forgeId === null) return row
  const found = await repositoryNumbered(client, row.forgeId)
  if (found !== null) return db.transaction((tx) => storeRepository(tx, access, row.installationId, found))
  // In this order: what is cut short between the two is done again.
  await withdraw(db, row.id, 'repository-deleted')
  await db.update(repositories).set({ state: 'deleted' }).where(eq(repositories.id, row.id))
  return null
}

/** An installation's repository by the forge's number. */
export async function repositoryByForgeId(
  db: Executor,
  forge: string,
  installationId: number,
  forgeId: number,
): Promise<RepositoryRow | null> {
  const [row] = await db
    .select()
    .from(repositories)
    .where(
      and(
        eq(repositories.installationId, installationId),
        eq(repositories.forge, forge),
        eq(repositories.forgeId, String(forgeId)),
      ),
    )
  return row ?? null
}
