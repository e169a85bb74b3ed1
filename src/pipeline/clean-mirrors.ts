import { rename, rm } from 'node:fs/promises'
import { and, eq, inArray, ne, or, sql } from 'drizzle-orm'
import type { RepositoryRow } from '../db/candidates.ts'
import type { Db } from '../db/connect.ts'
import { withLease } from '../db/leases.ts'
import { candidates, repositories, snapshots, tasks } from '../db/schema.ts'
import type { Removed } from '../erasure/blob-references.ts'
import { Fault, UserError } from '../errors.ts'
import { forgetRefs, isFetchable, type Mirror, openMirror } from '../git/index.ts'
import { bytesOf } from './folder-bytes.ts'
import { isMirrorHeld, mirrorFolder, mirrorsHere, mirrorUsedAt, setMirrorAside } from './mirror-folders.ts'
import { mirrorLease } from './mirrors.ts'
import type { Sources } from './sources.ts'

/**
 * Removes mirrors that can be fetched again, those not used for longest first, until `bytes` are free or none is left. One stays while a
 * process may work in it or a candidate of its repository is under way, and where its source is gone, does not answer, or no longer has a
 * commit that a task stands on: then it is the only copy.
 */
export async function removeMirrors(
  home: string,
  db: Db,
  sources: Sources,
  bytes: number,
  signal?: AbortSignal,
): Promise<Removed> {
  const total = { removed: 0, bytes: 0 }
  if (bytes <= 0) return total
  for (const id of await longestUnused(home)) {
    signal?.throwIfAborted()
    if (total.bytes >= bytes) break
    const freed = await withLease(db, mirrorLease(id), () => removeIfSpare(home, db, sources, id))
    if (freed === null) continue
    total.removed += 1
    total.bytes += freed
  }
  return total
}

/** Takes away the pins of candidates that are no task's: one that was erased may have been about to be published. */
export async function removeStrayPins(home: string, db: Db): Promise<void> {
  for (const id of await mirrorsHere(home)) {
    const mirror = openMirror(mirrorFolder(home, id))
    const refs = (await mirror.text(['for-each-ref', '--format=%(refname)', 'refs/quarry/snapshots'])).split('\n')
    const pinned = [...new Set(refs.flatMap((ref) => ref.split('/')[3] ?? []))].map(Number)
    const refused = await db
      .select({ id: candidates.id })
      .from(candidates)
      .where(and(inArray(candidates.id, pinned), eq(candidates.state, 'refused')))
    const stray = new Set(refused.map((one) => String(one.id)))
    await forgetRefs(
      mirror,
      refs.filter((ref) => stray.has(ref.split('/')[3] ?? '')),
    )
    await mirror.close()
  }
}

async function longestUnused(home: string): Promise<number[]> {
  const ids = await mirrorsHere(home)
  const used = await Promise.all(ids.map(async (id) => ({ id, at: await mirrorUsedAt(home, id) })))
  return used.sort((a, b) => a.at.getTime() - b.at.getTime()).map(({ id }) => id)
}

/** The bytes it took; null where it stays. */
async function removeIfSpare(home: string, db: Db, sources: Sources, id: number): Promise<number | null> {
  if ((await isMirrorHeld(home, id)) || !(await isSpare(home, db, sources, id))) return null
  const aside = await setMirrorAside(home, id)
  if (aside === null) return null
  // Who opens a mirror marks it and then looks for it: whoever found it before it was set aside is seen now.
  if (await isMirrorHeld(home, id)) {
    await rename(aside, mirrorFolder(home, id))
    return null
  }
  const bytes = await bytesOf(aside)
  await rm(aside, { recursive: true, force: true })
  return bytes
}

async function isSpare(home: string, db: Db, sources: Sources, id: number): Promise<boolean> {
  const [repository] = await db.select().from(repositories).where(eq(repositories.id, id))
  // A mirror of another database's: not ours to judge.
  if (repository === undefined) return false
  const underWay = and(eq(candidates.repositoryId, id), eq(candidates.state, 'proposed'))
  if ((await db.$count(candidates, underWay)) > 0) return false
  const mirror = openMirror(mirrorFolder(home, id))
  try {
    return await canBeFetched(mirror, sources, repository, await neededCommits(db, id))
  } finally {
    await mirror.close()
  }
}

async function canBeFetched(
  mirror: Mirror,
  sources: Sources,
  repository: RepositoryRow,
  commits: readonly string[],
): Promise<boolean> {
  try {
    return await isFetchable(mirror, await sources(repository), commits)
  } catch (error) {
    if (error instanceof UserError || error instanceof Fault) return false
    throw error
  }
}

/** Tasks' other trees are built again out of their patches. */
async function neededCommits(db: Db, repositoryId: number): Promise<string[]> {
  const rows = await db
    .selectDistinct({ commit: snapshots.baseCommit })
    .from(snapshots)
    .innerJoin(candidates, eq(candidates.id, snapshots.candidateId))
    .leftJoin(tasks, eq(tasks.snapshotId, snapshots.id))
    .where(
      and(
        eq(candidates.repositoryId, repositoryId),
        or(eq(candidates.state, 'fault'), and(sql`${tasks.id} is not null`, ne(tasks.state, 'retired'))),
      ),
    )
  return rows.map(({ commit }) => commit)
}
