import { type CandidateContext, type SnapshotRow, snapshotOf } from '../db/candidates.ts'
import type { Db } from '../db/connect.ts'
import { Fault } from '../errors.ts'
import { applyToTree, type Mirror } from '../git/index.ts'
import type { Mirrors } from './mirrors.ts'
import type { Sources } from './sources.ts'

/**
 * The mirror on this machine with all that a candidate's stages read: its commits, fetched where another machine discovered it, and
 * the trees of its snapshot, built again out of the stored patches where another machine made it.
 */
export async function openCandidateMirror(
  mirrors: Mirrors,
  sources: Sources,
  db: Db,
  context: CandidateContext,
): Promise<Mirror> {
  const { repository, pull, candidate } = context
  const source = () => sources(repository)
  let mirror = await mirrors.open(repository.id, source)
  if (!(await has(mirror, pull.mergeCommit))) mirror = await mirrors.update(repository.id, await source())
  const snapshot = candidate.stage === 'snapshot' ? null : await snapshotOf(db, candidate.id)
  if (snapshot !== null) await restoreTrees(mirror, snapshot)
  return mirror
}

/** Builds a snapshot's trees again where this machine lacks them. Throws Fault where the base is not there, either. */
export async function restoreTrees(mirror: Mirror, snapshot: SnapshotRow): Promise<void> {
  const steps = [
    { from: snapshot.baseTree, patch: snapshot.testPatch, to: snapshot.beforeTree },
    { from: snapshot.beforeTree, patch: snapshot.fixPatch, to: snapshot.afterTree },
  ]
  for (const { from, patch, to } of steps) {
    if (await has(mirror, to)) continue
    const built = await applyToTree(mirror, from, patch)
    if ('rejected' in built || built.tree !== to)
      throw new Fault('git', `the tree ${to} of candidate ${snapshot.candidateId} can't be built again on this machine`)
  }
}

export async function has(mirror: Mirror, object: string): Promise<boolean> {
  return (await mirror.objects.read(object)) !== null
}
