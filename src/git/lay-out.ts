import { lutimesSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Mirror } from './mirror.ts'
import { checkOut, listTree } from './trees.ts'

/** The one time stamp of every file that is laid out: old, and after 1980, the first year that zip knows. */
export const LAID_OUT_AT = new Date('2001-01-01T00:00:00Z')

/**
 * Writes a tree's files into an empty folder as git would check them out: attributes (`eol`, `working-tree-encoding`) hold, links
 * and executable bits too; submodules are empty folders, LFS pointers stay pointers. Every path gets the same old time stamp.
 */
export async function layOut(mirror: Mirror, tree: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await checkOut(mirror, tree, ['--all'], { variables: { GIT_WORK_TREE: folder } })
  const entries = await listTree(mirror, tree)
  setTimes(folder, [...entries.keys()])
}

/** Files first, then folders: writing into a folder would set its time anew. */
function setTimes(folder: string, paths: readonly string[]): void {
  const folders = new Set<string>(['.'])
  for (const path of paths) {
    lutimesSync(join(folder, path), LAID_OUT_AT, LAID_OUT_AT)
    for (let parent = dirname(path); !folders.has(parent); parent = dirname(parent)) folders.add(parent)
  }
  for (const path of folders) lutimesSync(join(folder, path), LAID_OUT_AT, LAID_OUT_AT)
}
