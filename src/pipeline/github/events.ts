import { and, eq, inArray } from 'drizzle-orm'
import type { Db, Tx } from '../../db/connect.ts'
import { installations, issues, pullIssues, pulls, repositories } from '../../db/schema.ts'
import { erasePull } from '../../erasure/erase.ts'
import type { GitHubAccess, GitHubRepository } from '../../github/index.ts'
import type { Queue } from '../../queue/types.ts'
import type { Jobs } from '../jobs.ts'
import { type InstallationFacts, repositoryByForgeId, storeInstallation, storeRepository } from './repositories.ts'
import { withdraw } from './withdraw.ts'

/** What GitHub's events of installations change here. Each call may come twice or late, as all of this file. */
interface InstallationEvents {
  installed(installation: InstallationFacts, granted: readonly GitHubRepository[]): Promise<void>
  installationChanged(id: number, state: 'active' | 'suspended'): Promise<void>
  uninstalled(id: number): Promise<void>
  repositoriesRemoved(installation: number, ids: readonly number[]): Promise<void>
}

interface RepositoryEvents {
  /** Renamed, archived, made private or public …: as it is now. */
  repositoryChanged(installation: number, repository: GitHubRepository): Promise<void>
  repositoryDeleted(installation: number, id: number): Promise<void>
  /** The settings file was changed by this commit of the default branch. */
  settingsPushed(installation: number, repository: GitHubRepository, commit: string): Promise<void>
  /** The default branch has commits that may take merged pulls back. */
  revertsPushed(installation: number, repository: GitHubRepository, head: string): Promise<void>
}

interface PullEvents {
  /** A pull was merged, or what is said of a merged one was changed, at a time that tells one change from the next. */
  pullMerged(installation: number, repository: GitHubRepository, number: number, at: string): Promise<void>
  /** Somebody who may write asked for a pull to be forgotten. */
  pullForgotten(installation: number, repository: GitHubRepository, number: number): Promise<void>
  /** An issue was deleted or moved away: what stands on its text goes. */
  issueGone(installation: number, repository: GitHubRepository, number: number): Promise<void>
}

export interface Events extends InstallationEvents, RepositoryEvents, PullEvents {}

interface Ground {
  readonly db: Db
  readonly queue: Pick<Queue<Jobs>, 'add'>
  readonly access: Pick<GitHubAccess, 'forge' | 'webUrl' | 'appId'>
}

/** Before backfills, after what somebody waits for. */
const priority = 5

export function makeEvents(db: Db, queue: Pick<Queue<Jobs>, 'add'>, access: Ground['access']): Events {
  const ground = { db, queue, access }
  return { ...installationEvents(ground), ...repositoryEvents(ground), ...pullEvents(ground) }
}

function installationEvents(ground: Ground): InstallationEvents {
  const { db, access } = ground
  return {
    async installed(installation, granted) {
      await db.transaction(async (tx) => {
        await storeInstallation(tx, access, installation)
        for (const repository of granted) {
          const row = await storeRepository(tx, access, installation.id, repository)
          // Reads its settings first, and begins the backfill where they let it.
          await readSettingsSoon(ground, tx, row.id, null)
        }
      })
    },
    async installationChanged(id, state) {
      await db.update(installations).set({ state }).where(eq(installations.id, id))
    },
    async uninstalled(id) {
      await db.update(installations).set({ state: 'removed' }).where(eq(installations.id, id))
      const rows = await db.select().from(repositories).where(eq(repositories.installationId, id))
      for (const row of rows) await withdraw(db, row.id, 'uninstalled')
    },
    repositoriesRemoved: (installation, ids) => end(ground, installation, ids, 'removed'),
  }
}

function repositoryEvents(ground: Ground): RepositoryEvents {
  const { db, access } = ground
  /** An event may overtake the one that tells of the installation: of a repository that is not known yet nothing is done. */
  const whereKnown = (
    installation: number,
    { id }: GitHubRepository,
    act: (tx: Tx, known: number) => Promise<unknown>,
  ) =>
    db.transaction(async (tx) => {
      const known = await repositoryByForgeId(tx, access.forge, installation, id)
      if (known !== null) await act(tx, known.id)
    })
  return {
    async repositoryChanged(installation, repository) {
      await db.transaction(async (tx) => {
        const row = await storeRepository(tx, access, installation, repository)
        // Public or private, archived or not: what may be done with it is decided anew.
        await readSettingsSoon(ground, tx, row.id, null)
      })
    },
    repositoryDeleted: (installation, id) => end(ground, installation, [id], 'deleted'),
    settingsPushed: (installation, repository, commit) =>
      whereKnown(installation, repository, (tx, known) => readSettingsSoon(ground, tx, known, commit)),
    revertsPushed: (installation, repository, head) =>
      whereKnown(installation, repository, (tx, known) => {
        const key = `reconcile:${known}:${head}`
        return ground.queue.add(tx, 'reconcile', { repository: known }, { key, priority })
      }),
  }
}

function pullEvents({ db, queue, access }: Ground): PullEvents {
  const known = (installation: number, { id }: GitHubRepository) =>
    repositoryByForgeId(db, access.forge, installation, id)
  return {
    async pullMerged(installation, repository, number, at) {
      const row = await known(installation, repository)
      // An event may overtake the one that tells of the installation: that one then brings the repository, and its pulls.
      if (row === null) return
      const key = `pull:${row.id}:${number}:${at}`
      await db.transaction((tx) => queue.add(tx, 'pull', { repository: row.id, number }, { key, priority }))
    },
    async pullForgotten(installation, repository, number) {
      const row = await known(installation, repository)
      if (row !== null) await erasePull(db, row.id, number, 'forgotten')
    },
    async issueGone(installation, repository, number) {
      const row = await known(installation, repository)
      if (row === null) return
      for (const pull of await pullsOfIssue(db, row.id, number)) await erasePull(db, row.id, pull, 'forgotten')
    },
  }
}

async function readSettingsSoon({ queue }: Ground, tx: Tx, repository: number, commit: string | null): Promise<void> {
  const key = `settings:${repository}:${commit ?? ''}`
  await queue.add(tx, 'settings', { repository, commit }, { key, priority })
}

/** Repositories that are no longer ours to read: their state first, so that nothing new begins, then what is held of them. */
async function end(
  { db, access }: Ground,
  installation: number,
  ids: readonly number[],
  state: 'removed' | 'deleted',
): Promise<void> {
  if (ids.length === 0) return
  await db
    .update(repositories)
    .set({ state })
    .where(and(eq(repositories.installationId, installation), inArray(repositories.forgeId, ids.map(String))))
  for (const id of ids) {
    const row = await repositoryByForgeId(db, access.forge, installation, id)
    if (row !== null) await withdraw(db, row.id, `repository-${state}`)
  }
}

async function pullsOfIssue(db: Db, repositoryId: number, number: number): Promise<number[]> {
  const rows = await db
    .select({ number: pulls.number })
    .from(issues)
    .innerJoin(pullIssues, eq(pullIssues.issueId, issues.id))
    .innerJoin(pulls, eq(pulls.id, pullIssues.pullId))
    .where(and(eq(issues.repositoryId, repositoryId), eq(issues.number, number)))
  return rows.map((row) => row.number)
}
