import { eq } from 'drizzle-orm'
import { consentOf, mergeSettings, readSettings } from '../../consent/index.ts'
import type { RepositoryRow } from '../../db/candidates.ts'
import type { Db } from '../../db/connect.ts'
import { repositories } from '../../db/schema.ts'
import { fileText, type GitHubClient, type RepositoryAddress } from '../../github/index.ts'
import { type ReadSettings, settingsPath } from '../../model/index.ts'
import { addressOf } from './take-in-pulls.ts'

/**
 * Reads `.github/quarry.yml` of the default branch, and that of the organisation's repository `.github` behind it, and stores what is in
 * force: Probot's way to find a configuration (https://probot.github.io/docs/best-practices/#store-configuration-in-the-repository),
 * with the places of mistakes.
 */
export async function refreshSettings(db: Db, client: GitHubClient, row: RepositoryRow): Promise<RepositoryRow> {
  const address = addressOf(row)
  const own = await settingsIn(client, address)
  const organisation = await settingsIn(client, { owner: address.owner, name: '.github' })
  const settings = mergeSettings(own, organisation)
  const consent = consentOf({ file: settings, visibility: row.isPrivate ? 'private' : 'public' })
  const [stored] = await db
    .update(repositories)
    .set({ settings, ...(consent.consented ? { visibility: consent.visibility } : {}) })
    .where(eq(repositories.id, row.id))
    .returning()
  return stored ?? row
}

async function settingsIn(client: GitHubClient, address: RepositoryAddress): Promise<ReadSettings | null> {
  const text = await fileText(client, address, settingsPath)
  return text === null ? null : readSettings(text)
}
