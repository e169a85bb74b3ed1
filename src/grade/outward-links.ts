import { posix } from 'node:path'
import { diffTrees, type Mirror, readBlob } from '../git/index.ts'

const LINK = '120000'

/**
 * The links that a patch brought into a tree and that lead out of it, as `path -> target`: a run must find nothing of the machine's. Those
 * that the task's own after-state has as well are none.
 */
export async function outwardLinks(
  mirror: Mirror,
  { patch, baseTree, afterTree, tree }: { patch: Buffer; baseTree: string; afterTree: string; tree: string },
): Promise<string[]> {
  // A patch that makes a link names the mode, and one that moves another says so: most have nothing to look for.
  if (![LINK, 'rename to ', 'copy to '].some((sign) => patch.includes(sign))) return []
  const found: string[] = []
  for (const { path, newMode, newBlob } of await diffTrees(mirror, baseTree, tree)) {
    if (newMode !== LINK || newBlob === null) continue
    const target = (await readBlob(mirror, newBlob)).toString('utf8')
    if (leadsOut(path, target) && (await mirror.objects.read(`${afterTree}:${path}`))?.id !== newBlob)
      found.push(`${path} -> ${target}`)
  }
  return found
}

/** Whether a link at a path of the tree leads out of it, or into its git folder. */
export function leadsOut(path: string, target: string): boolean {
  const meant = posix.join(posix.dirname(path), target)
  return target.startsWith('/') || meant === '..' || meant.startsWith('../') || /(^|\/)\.git(\/|$)/i.test(meant)
}
