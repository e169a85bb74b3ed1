import { hostname } from 'node:os'
import { join } from 'node:path'
import { and, eq, isNull, notExists, sql } from 'drizzle-orm'
import type { Blobs } from '../blobs/types.ts'
import type { Db } from '../db/connect.ts'
import { withLease } from '../db/leases.ts'
import { environments, erasures, repositories } from '../db/schema.ts'
import { forgetLayers } from '../environment/layer-store.ts'
import { removeErasedBlobs } from '../erasure/blob-references.ts'
import type { ErasureRow } from '../erasure/erase.ts'
import { noteForgotten, noteMachine, pendingErasures } from '../erasure/machines.ts'
import { removeUnusedNames } from '../erasure/test-names.ts'
import { forgetRefs, openMirror, pruneUnreachable } from '../git/index.ts'
import { removeOwnersStore } from '../package-gateway/index.ts'
import { machineId } from './machine-id.ts'
import { isMirrorHeld, mirrorFolder, mirrorsHere, removeMirror } from './mirror-folders.ts'
import { mirrorLease } from './mirrors.ts'

/** What a machine holds on disk. */
export interface Disk {
  readonly home: string
  readonly db: Db
  readonly blobs: Blobs
}

/** A blob that was put longer ago is no running job's: jobs end within 12 hours. */
export const BLOB_GRACE_MS = 24 * 3600 * 1000

/**
 * Works off what was erased since this machine last did: each erasure by itself, noted when the disk holds nothing of it any more. What
 * a running process still holds is left to the next time. Any number of processes may do it at once. Gives how many were pending,
 * and how many of these are left.
 */
export async function forgetOnDisk(disk: Disk): Promise<{ readonly pending: number; readonly left: number }> {
  const machine = await machineId(disk.home)
  await noteMachine(disk.db, machine, hostname())
  const pending = await pendingErasures(disk.db, machine)
  if (pending.length > 0) await removeUnusedNames(disk.db)
  let left = 0
  for (const erasure of pending) {
    if (await forgetOne(disk, erasure)) await noteForgotten(disk.db, machine, erasure.id)
    else left += 1
  }
  return { pending: pending.length, left }
}

/** False where something has to stay for now. */
async function forgetOne(disk: Disk, erasure: ErasureRow): Promise<boolean> {
  const { home, db, blobs } = disk
  const mirrorIsClean = await withLease(db, mirrorLease(erasure.repositoryId), () => forgetInMirror(home, erasure))
  const layersHeld = await forgetLayers(join(home, 'layers'), await unusedLayers(db, erasure.layers))
  const blobsLeft = await removeErasedBlobs(blobs, db, erasure.blobs, new Date(Date.now() - BLOB_GRACE_MS))
  if (erasure.pull === null) await forgetOwner(disk, erasure.repositoryId)
  return mirrorIsClean && layersHeld === 0 && blobsLeft === 0
}

/** A whole repository's mirror goes whoever works in it. Of one pull the refs go at once, the objects when nobody does. */
async function forgetInMirror(home: string, { repositoryId, pull, candidates }: ErasureRow): Promise<boolean> {
  if (pull === null) {
    await removeMirror(home, repositoryId)
    return true
  }
  if (!(await mirrorsHere(home)).includes(repositoryId)) return true
  const mirror = openMirror(mirrorFolder(home, repositoryId))
  try {
    const states = candidates.flatMap((id) =>
      ['base', 'before', 'after'].map((state) => `refs/quarry/snapshots/${id}/${state}`),
    )
    await forgetRefs(mirror, [...states, `refs/pull/${pull}/head`])
    if (await isMirrorHeld(home, repositoryId)) return false
    await pruneUnreachable(mirror)
    return true
  } finally {
    await mirror.close()
  }
}

/** Others of the owner may have the same layer. */
async function unusedLayers(db: Db, layers: readonly string[]): Promise<string[]> {
  const { rows } = await db.execute<{ layer: string }>(
    sql`select suspect as layer from jsonb_array_elements_text(${JSON.stringify(layers)}::jsonb) as suspect
      where not exists (select 1 from ${environments} where ${environments.layer} = suspect)`,
  )
  return rows.map(({ layer }) => layer)
}

/** What was kept for the owner's installs goes with the last of its repositories. */
async function forgetOwner({ home, db }: Disk, repositoryId: number): Promise<void> {
  const [repository] = await db.select().from(repositories).where(eq(repositories.id, repositoryId))
  const owner = repository?.name.split('/')[0]
  if (owner === undefined) return
  const standing = db
    .select({ one: sql`1` })
    .from(erasures)
    .where(and(eq(erasures.repositoryId, repositories.id), isNull(erasures.pull), isNull(erasures.liftedAt)))
  const left = await db.$count(
    repositories,
    and(sql`split_part(${repositories.name}, '/', 1) = ${owner}`, notExists(standing)),
  )
  if (left === 0) await removeOwnersStore(join(home, 'packages'), owner)
}
