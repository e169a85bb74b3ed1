import { and, eq, inArray, isNotNull, isNull, sql } from 'drizzle-orm'
import type { Db, Executor } from '../db/connect.ts'
import { candidates, erasures, pulls, tasks } from '../db/schema.ts'
import type { ErasureRow } from './erase.ts'
import { candidatesIn, pullsIn, type Scope } from './scope.ts'

/** Since when a repository is forgotten as a whole; null where it is not. */
export async function forgottenSince(db: Executor, repositoryId: number): Promise<Date | null> {
  const [row] = await db
    .select({ at: erasures.erasedAt })
    .from(erasures)
    .where(and(eq(erasures.repositoryId, repositoryId), isNull(erasures.pull), isNull(erasures.liftedAt)))
  return row?.at ?? null
}

/** The numbers of its pulls that are forgotten one by one. */
export async function forgottenPulls(db: Executor, repositoryId: number): Promise<ReadonlySet<number>> {
  const rows = await db
    .select({ pull: erasures.pull })
    .from(erasures)
    .where(and(eq(erasures.repositoryId, repositoryId), isNotNull(erasures.pull), isNull(erasures.liftedAt)))
  return new Set(rows.flatMap(({ pull }) => pull ?? []))
}

/** Those of them that their labels left out: they may come back by their labels. */
export async function leftOutPulls(db: Executor, repositoryId: number): Promise<ReadonlySet<number>> {
  const rows = await db
    .select({ pull: erasures.pull })
    .from(erasures)
    .where(
      and(
        eq(erasures.repositoryId, repositoryId),
        isNotNull(erasures.pull),
        eq(erasures.reason, 'opted-out'),
        isNull(erasures.liftedAt),
      ),
    )
  return new Set(rows.flatMap(({ pull }) => pull ?? []))
}

/** The ledger's rows of the forgotten ones among some pulls. */
export async function forgottenCandidates(
  db: Executor,
  repositoryId: number,
  numbers: readonly number[],
): Promise<number[]> {
  const rows = await db
    .select({ id: candidates.id })
    .from(candidates)
    .innerJoin(pulls, eq(pulls.id, candidates.pullId))
    .where(and(eq(pulls.repositoryId, repositoryId), inArray(pulls.number, [...numbers])))
  return rows.map(({ id }) => id)
}

/**
 * Lets a repository or pull be mined again, as if it had never been seen: its rows in the ledger go, and its tombstones stay. Gives the
 * erasures that stood; none is no error. A pull that was forgotten by itself stays so when its repository is lifted.
 */
export function liftErasure(db: Db, scope: Scope): Promise<ErasureRow[]> {
  return db.transaction(async (tx) => {
    const lifted = await tx
      .update(erasures)
      .set({ liftedAt: sql`now()` })
      .where(
        and(
          eq(erasures.repositoryId, scope.repositoryId),
          scope.pull === null ? isNull(erasures.pull) : eq(erasures.pull, scope.pull),
          isNull(erasures.liftedAt),
        ),
      )
      .returning()
    if (lifted.length === 0) return []
    const kept = sql`${pulls.number} in (select pull from erasures where repository_id = ${scope.repositoryId} and pull is not null and lifted_at is null)`
    const ours = and(sql`${pulls.id} in ${pullsIn(scope)}`, sql`not ${kept}`)
    const gone = tx.select({ id: candidates.id }).from(candidates).innerJoin(pulls, eq(pulls.id, candidates.pullId))
    const which = inArray(candidates.id, gone.where(and(ours, sql`${candidates.id} in ${candidatesIn(scope)}`)))
    await tx
      .update(tasks)
      .set({ candidateId: null })
      .where(inArray(tasks.candidateId, tx.select({ id: candidates.id }).from(candidates).where(which)))
    await tx.delete(candidates).where(which)
    await tx.delete(pulls).where(ours)
    return lifted
  })
}
