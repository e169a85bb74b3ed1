import { and, eq, isNull, ne } from 'drizzle-orm'
import type { Db } from '../../db/connect.ts'
import { erasures, repositories } from '../../db/schema.ts'
import { eraseRepository } from '../../erasure/erase.ts'
import type { RetirementReason } from '../../erasure/scope.ts'
import { liftErasure } from '../../erasure/standing.ts'

/** Consent is gone: the repository's tasks are retired, and what Quarry holds of it is erased. Done again it changes nothing. */
export async function withdraw(
  db: Db,
  repositoryId: number,
  reason: Exclude<RetirementReason, 'forgotten'>,
): Promise<void> {
  await eraseRepository(db, repositoryId, reason)
}

/** Consent is there again: it may be mined anew, unless somebody asked to forget it, which only they take back. */
export async function restore(db: Db, repositoryId: number): Promise<void> {
  const [standing] = await db
    .select({ id: erasures.id })
    .from(erasures)
    .where(
      and(
        eq(erasures.repositoryId, repositoryId),
        isNull(erasures.pull),
        isNull(erasures.liftedAt),
        ne(erasures.reason, 'forgotten'),
      ),
    )
  if (standing === undefined) return
  await liftErasure(db, { repositoryId, pull: null })
  await db.update(repositories).set({ backfill: null, reconciledAt: null }).where(eq(repositories.id, repositoryId))
}
