import { eq } from 'drizzle-orm'
import type { RepositoryRow } from '../../db/candidates.ts'
import type { Executor } from '../../db/connect.ts'
import { installations } from '../../db/schema.ts'

/** Whether a repository's pulls may be read and mined now. */
export async function mayBeMined(db: Executor, row: RepositoryRow): Promise<boolean> {
  if (row.state !== 'active' || row.isArchived || row.isPrivate) return false
  const [installation] = await db.select().from(installations).where(eq(installations.id, row.installationId))
  return installation?.state === 'active'
}
