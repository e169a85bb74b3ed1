import { and, eq, isNull, sql } from 'drizzle-orm'
import type { Db, Tx } from '../db/connect.ts'
import { erasures, forgottenOn } from '../db/schema.ts'
import { withdrawJobs } from '../queue/withdraw.ts'
import { emptyDeliveries, emptyPulls, emptyTasks, endCandidates, removeWork } from './erase-rows.ts'
import { retireIn } from './retire.ts'
import { candidatesIn, type RetirementReason, type Scope } from './scope.ts'
import { type Suspects, suspectsIn } from './suspects.ts'

export type ErasureRow = typeof erasures.$inferSelect

export interface Erased {
  readonly erasure: ErasureRow
  /** Tasks that were live or quarantined until now. */
  readonly retired: number
}

/** One erasure at a time: two that meet would lock rows in different orders. */
const LOCK = 7_101_004

/**
 * Erases what Quarry holds of a repository: retires its tasks, ends its candidates as `not-consented`, removes the content of every
 * row and cancels its jobs, in one transaction. From its commit on nothing of it is read or written; what lies on disks goes
 * afterwards, machine by machine, and survives no sweep. The erasure stands, so that it is not mined again, until it is lifted.
 * Done again it erases what came since.
 */
export function eraseRepository(db: Db, repositoryId: number, reason: RetirementReason): Promise<Erased> {
  return erase(db, { repositoryId, pull: null }, reason)
}

/** The same for one pull, known or not. Its commits stay where they are part of the repository's history. */
export function erasePull(db: Db, repositoryId: number, pull: number, reason: RetirementReason): Promise<Erased> {
  return erase(db, { repositoryId, pull }, reason)
}

/**
 * A public repository became private: what was mined of it while it was public goes, unless its owner consents to private mining.
 * Whether they do is the caller's to know.
 */
export async function privatized(db: Db, repositoryId: number, consents: boolean): Promise<Erased | null> {
  return consents ? null : eraseRepository(db, repositoryId, 'privatized')
}

/** Erases once more what stands erased: what a stage or an intake that began before was about to write. */
export async function sweepErasures(db: Db): Promise<void> {
  const standing = await db.select().from(erasures).where(isNull(erasures.liftedAt))
  for (const { repositoryId, pull, reason } of standing) await erase(db, { repositoryId, pull }, reason)
}

export function erase(db: Db, scope: Scope, reason: RetirementReason): Promise<Erased> {
  return db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${LOCK})`)
    const ended = await endCandidates(tx, scope, reason)
    const suspects = await suspectsIn(tx, scope)
    await emptyTasks(tx, scope)
    await removeWork(tx, scope)
    await emptyPulls(tx, scope)
    await emptyDeliveries(tx, scope)
    await withdrawJobs(tx, sql`(select 'candidate:' || id from candidates where id in ${candidatesIn(scope)})`)
    const erasure = await note(tx, scope, reason, ended, suspects)
    return { erasure, retired: await retireIn(tx, scope, reason) }
  })
}

/** The one erasure of the scope that stands, with what disks have to lose beside what it knew of before. */
async function note(
  tx: Tx,
  { repositoryId, pull }: Scope,
  reason: RetirementReason,
  candidates: readonly number[],
  { layers, blobs }: Suspects,
): Promise<ErasureRow> {
  const standing = and(
    eq(erasures.repositoryId, repositoryId),
    pull === null ? isNull(erasures.pull) : eq(erasures.pull, pull),
    isNull(erasures.liftedAt),
  )
  const [known] = await tx.select().from(erasures).where(standing).for('update')
  const [row] =
    known === undefined
      ? await tx
          .insert(erasures)
          .values({
            ...{ repositoryId, pull, reason, candidates, layers, blobs },
            installationId: sql`(select installation_id from repositories where id = ${repositoryId})`,
          })
          .returning()
      : await tx
          .update(erasures)
          .set({
            // Whoever asks to forget is not overruled by what lifts an opt-out.
            reason: reason === 'forgotten' ? reason : known.reason,
            candidates: union(known.candidates, candidates),
            layers: union(known.layers, layers),
            blobs: union(known.blobs, blobs),
          })
          .where(standing)
          .returning()
  if (row === undefined) throw new Error('a noted erasure came back without its row')
  const size = (one: ErasureRow) => one.candidates.length + one.layers.length + one.blobs.length
  // Something came since: a stage was about to write when it was erased. Every machine looks once more.
  if (known !== undefined && size(row) > size(known))
    await tx.delete(forgottenOn).where(eq(forgottenOn.erasureId, row.id))
  return row
}

function union<T>(known: readonly T[], more: readonly T[]): T[] {
  return [...new Set([...known, ...more])]
}
