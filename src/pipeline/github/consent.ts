import { eq } from 'drizzle-orm'
import { consentOf } from '../../consent/index.ts'
import type { RepositoryRow } from '../../db/candidates.ts'
import type { Executor } from '../../db/connect.ts'
import { installations } from '../../db/schema.ts'

/** Whether a repository's pulls may be read and mined now: by its settings, and by what GitHub says of it. */
export async function mayBeMined(db: Executor, row: RepositoryRow): Promise<boolean> {
  if (row.state !== 'active' || row.isArchived || !consentOfRow(row).consented) return false
  const [installation] = await db.select().from(installations).where(eq(installations.id, row.installationId))
  return installation?.state === 'active'
}

export function consentOfRow({ settings, isPrivate }: RepositoryRow): ReturnType<typeof consentOf> {
  return consentOf({ file: settings, visibility: isPrivate ? 'private' : 'public' })
}
