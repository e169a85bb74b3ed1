import { isDeepStrictEqual } from 'node:util'
import { eq } from 'drizzle-orm'
import type { RepositoryRow } from '../../db/candidates.ts'
import type { Db } from '../../db/connect.ts'
import { installations } from '../../db/schema.ts'
import { checkRunForSettings } from '../../feedback/index.ts'
import type { GitHubAccess, RepositoryOverview } from '../../github/index.ts'
import type { Queue } from '../../queue/types.ts'
import type { Jobs, SettingsJob } from '../jobs.ts'
import { settingsOf } from '../settings-at.ts'
import { consentOfRow } from './consent.ts'
import { postCheckRun } from './feedback.ts'
import { askForLeftOut, enforceLabels } from './labels.ts'
import { refreshRepository, repositoryById, storeRepository } from './repositories.ts'
import { refreshSettings, storeSettings } from './settings.ts'
import type { GitHubIntake } from './take-in-pulls.ts'
import { restore, withdraw } from './withdraw.ts'

/** Reads a repository's settings anew, does what they say, and has its pulls brought where they consent. */
export async function settingsChanged(
  intake: GitHubIntake,
  queue: Pick<Queue<Jobs>, 'add' | 'addAll'>,
  job: SettingsJob,
): Promise<void> {
  if (!(await followSettings(intake, queue, job))) return
  const { repository } = job
  await intake.db.transaction((tx) => queue.add(tx, 'backfill', { repository }, { key: `repository:${repository}` }))
}

/**
 * Reads a repository's settings anew, where it was not `seen` just now, and does what they say: without consent its tasks go. Mistakes are
 * shown on the commit that brought them, where the installation lets check runs be written. Gives whether its pulls may be read.
 */
export async function followSettings(
  { db, github }: GitHubIntake,
  queue: Pick<Queue<Jobs>, 'addAll'>,
  { repository, commit }: SettingsJob,
  seen: RepositoryOverview | null = null,
): Promise<boolean> {
  const known = await repositoryById(db, repository)
  if (known === null || known.state !== 'active') return false
  const row = seen === null ? await readNow(db, github, known) : await asSeen(db, github, known, seen)
  if (row === null) {
    await withdraw(db, known.id, 'repository-deleted')
    return false
  }
  if (row.settings !== null && 'problems' in row.settings && commit !== null) {
    const [installation] = await db.select().from(installations).where(eq(installations.id, row.installationId))
    if (installation?.permissions.checks === 'write')
      await postCheckRun(github, row, commit, checkRunForSettings(row.settings.problems))
  }
  const consent = consentOfRow(row)
  if (consent.consented) {
    await restore(db, row.id)
    await enforceLabels(db, row)
    if (!isDeepStrictEqual(settingsOf(known)?.labels, settingsOf(row)?.labels)) await askForLeftOut(db, queue, row)
  } else if (consent.why !== 'mistakes' && row.backfill !== null) {
    await withdraw(db, row.id, row.isPrivate ? 'privatized' : 'opted-out')
  }
  return consent.consented
}

async function readNow(db: Db, github: GitHubAccess, known: RepositoryRow): Promise<RepositoryRow | null> {
  const client = await github.client(known.installationId, 'live')
  const found = await refreshRepository(db, github, client, known)
  return found === null ? null : refreshSettings(db, client, found)
}

async function asSeen(
  db: Db,
  github: GitHubAccess,
  { installationId }: RepositoryRow,
  seen: RepositoryOverview,
): Promise<RepositoryRow> {
  const row = await db.transaction((tx) => storeRepository(tx, github, installationId, seen))
  return storeSettings(db, row, { own: seen.file, organisation: seen.ownersFile })
}
