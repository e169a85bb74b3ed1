import { eq } from 'drizzle-orm'
import { consentOf, mergeSettings, readSettings, type SettingsInForce } from '../../consent/index.ts'
import type { RepositoryRow } from '../../db/candidates.ts'
import type { Db } from '../../db/connect.ts'
import { repositories } from '../../db/schema.ts'
import { fileText, type GitHubClient } from '../../github/index.ts'
import { settingsPath } from '../../model/index.ts'
import { addressOf } from './take-in-pulls.ts'

/** The text of `.github/quarry.yml` on the default branch, and that of the owner's repository `.github`; null: there is none. */
interface SettingsTexts {
  readonly own: string | null
  readonly organisation: string | null
}

/**
 * Reads `.github/quarry.yml` of the default branch, and that of the organisation's repository `.github` behind it, and stores what is in
 * force: Probot's way to find a configuration (https://probot.github.io/docs/best-practices/#store-configuration-in-the-repository),
 * with the places of mistakes.
 */
export async function refreshSettings(db: Db, client: GitHubClient, row: RepositoryRow): Promise<RepositoryRow> {
  return storeSettings(db, row, await settingsTexts(client, row))
}

export async function settingsTexts(client: GitHubClient, row: RepositoryRow): Promise<SettingsTexts> {
  const address = addressOf(row)
  const own = await fileText(client, address, settingsPath)
  const organisation = await fileText(client, { owner: address.owner, name: '.github' }, settingsPath)
  return { own, organisation }
}

/** Stores what is in force by the two files' texts. */
export async function storeSettings(db: Db, row: RepositoryRow, texts: SettingsTexts): Promise<RepositoryRow> {
  const settings = settingsIn(texts)
  const consent = consentOf({ file: settings, visibility: row.isPrivate ? 'private' : 'public' })
  const [stored] = await db
    .update(repositories)
    .set({ settings, ...(consent.consented ? { visibility: consent.visibility } : {}) })
    .where(eq(repositories.id, row.id))
    .returning()
  return stored ?? row
}

export function settingsIn({ own, organisation }: SettingsTexts): SettingsInForce | null {
  const read = (text: string | null) => (text === null ? null : readSettings(text))
  return mergeSettings(read(own), read(organisation))
}
