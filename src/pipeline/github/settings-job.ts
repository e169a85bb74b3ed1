import { isDeepStrictEqual } from 'node:util'
import { eq } from 'drizzle-orm'
import { installations } from '../../db/schema.ts'
import { checkRunForSettings } from '../../feedback/index.ts'
import type { Queue } from '../../queue/types.ts'
import type { Jobs, SettingsJob } from '../jobs.ts'
import { settingsOf } from '../settings-at.ts'
import { consentOfRow } from './consent.ts'
import { postCheckRun } from './feedback.ts'
import { askForLeftOut, enforceLabels } from './labels.ts'
import { refreshRepository, repositoryById } from './repositories.ts'
import { refreshSettings } from './settings.ts'
import type { GitHubIntake } from './take-in-pulls.ts'
import { restore, withdraw } from './withdraw.ts'

/**
 * Reads a repository's settings anew, and does what they say: without consent its tasks go, with it its pulls come. Mistakes are shown
 * on the commit that brought them, where the installation lets check runs be written.
 */
export async function settingsChanged(
  intake: GitHubIntake,
  queue: Pick<Queue<Jobs>, 'add' | 'addAll'>,
  { repository, commit }: SettingsJob,
): Promise<void> {
  const { db, github } = intake
  const known = await repositoryById(db, repository)
  if (known === null || known.state !== 'active') return
  const client = await github.client(known.installationId, 'live')
  const found = await refreshRepository(db, github, client, known)
  if (found === null) return
  const row = await refreshSettings(db, client, found)
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
    await db.transaction((tx) => queue.add(tx, 'backfill', { repository: row.id }, { key: `repository:${row.id}` }))
  } else if (consent.why !== 'mistakes' && row.backfill !== null) {
    await withdraw(db, row.id, row.isPrivate ? 'privatized' : 'opted-out')
  }
}
