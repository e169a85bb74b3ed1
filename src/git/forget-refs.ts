import type { Mirror } from './mirror.ts'

/** Repacking a large repository takes minutes. */
const REPACK_SECONDS = 3600

/** Deletes refs; those that are not there are no error. */
export async function forgetRefs(mirror: Mirror, refs: readonly string[]): Promise<void> {
  if (refs.length === 0) return
  await mirror.git(['update-ref', '--stdin'], { input: refs.map((ref) => `delete ${ref}\n`).join('') })
}

/**
 * Removes every object that no ref leads to. Not beside anyone who works in this mirror: the trees of a snapshot that is not published
 * yet hang on no ref.
 */
export async function pruneUnreachable(mirror: Mirror): Promise<void> {
  await mirror.git(['repack', '-a', '-d', '--quiet'], { deadlineSeconds: REPACK_SECONDS })
  await mirror.git(['prune', '--expire=now'], { deadlineSeconds: REPACK_SECONDS })
  // It may name commits that went.
  await mirror.git(['commit-graph', 'write', '--reachable', '--split=replace', '--no-progress'])
}
