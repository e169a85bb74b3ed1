import { and, eq, inArray } from 'drizzle-orm'
import type { Db, Tx } from '../../db/connect.ts'
import { installations, repositories } from '../../db/schema.ts'
import type { GitHubAccess, GitHubRepository } from '../../github/index.ts'
import type { Queue } from '../../queue/types.ts'
import type { Jobs } from '../jobs.ts'
import { type InstallationFacts, repositoryByForgeId, storeInstallation, storeRepository } from './repositories.ts'

/** What GitHub's events change here. Each call is one transaction, and may come twice or late. */
export interface Events {
  installed(installation: InstallationFacts, granted: readonly GitHubRepository[]): Promise<void>
  installationChanged(id: number, state: 'active' | 'suspended' | 'removed'): Promise<void>
  repositoriesAdded(installation: InstallationFacts, granted: readonly GitHubRepository[]): Promise<void>
  repositoriesRemoved(installation: number, ids: readonly number[]): Promise<void>
  /** Renamed, archived, made private or public …: as it is now. */
  repositoryChanged(installation: number, repository: GitHubRepository): Promise<void>
  repositoryDeleted(installation: number, id: number): Promise<void>
  /** A pull was merged, or what is said of a merged one was changed. */
  pullMerged(installation: number, repository: GitHubRepository, number: number): Promise<void>
}

/** Before backfills, after what somebody waits for. */
const livePriority = 5

export function makeEvents(
  db: Db,
  queue: Pick<Queue<Jobs>, 'add'>,
  access: Pick<GitHubAccess, 'forge' | 'webUrl'>,
): Events {
  const addRepositories = async (tx: Tx, installation: InstallationFacts, granted: readonly GitHubRepository[]) => {
    await storeInstallation(tx, installation)
    for (const repository of granted) {
      const row = await storeRepository(tx, access, installation.id, repository)
      await queue.add(tx, 'backfill', { repository: row.id }, { key: `repository:${row.id}` })
    }
  }
  const setState = async (tx: Tx, installation: number, ids: readonly number[], state: 'removed' | 'deleted') => {
    if (ids.length === 0) return
    await tx
      .update(repositories)
      .set({ state })
      .where(and(eq(repositories.installationId, installation), inArray(repositories.forgeId, ids.map(String))))
  }
  return {
    installed: (installation, granted) => db.transaction((tx) => addRepositories(tx, installation, granted)),
    repositoriesAdded: (installation, granted) => db.transaction((tx) => addRepositories(tx, installation, granted)),
    async installationChanged(id, state) {
      await db.update(installations).set({ state }).where(eq(installations.id, id))
    },
    repositoriesRemoved: (installation, ids) => db.transaction((tx) => setState(tx, installation, ids, 'removed')),
    async repositoryChanged(installation, repository) {
      await db.transaction((tx) => storeRepository(tx, access, installation, repository))
    },
    repositoryDeleted: (installation, id) => db.transaction((tx) => setState(tx, installation, [id], 'deleted')),
    async pullMerged(installation, repository, number) {
      await db.transaction(async (tx) => {
        const known = await repositoryByForgeId(tx, access.forge, installation, repository.id)
        // An event may overtake the one that tells of the installation: that one then brings the repository, and its pulls.
        if (known === null) return
        await queue.add(
          tx,
          'pull',
          { repository: known.id, number },
          { key: `pull:${known.id}:${number}`, priority: livePriority },
        )
      })
    },
  }
}
