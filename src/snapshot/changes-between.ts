import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkOutChanges, type Mirror } from '../git/index.ts'

/** The script that puts such a folder's changes on a work tree: `node apply-changes.cjs CHANGES TARGET`. Mount it; it needs nothing else. */
export const applyChangesScript = fileURLToPath(new URL('./apply-changes.cjs', import.meta.url))

/**
 * Writes what makes one tree into another: under `folder/files` every file that is new or different (content as checked out,
 * mode, links), in `folder/deleted` the paths to take away, each ended by a NUL.
 */
export async function changesBetween(
  mirror: Mirror,
  fromTree: string,
  toTree: string,
  folder: string,
): Promise<{ readonly written: readonly string[]; readonly deleted: readonly string[] }> {
  const files = join(folder, 'files')
  await mkdir(files, { recursive: true })
  const changes = await checkOutChanges(mirror, fromTree, toTree, { variables: { GIT_WORK_TREE: files } })
  const deleted = changes.filter((change) => change.newBlob === null).map((change) => change.path)
  const written = changes.filter((change) => change.newBlob !== null).map((change) => change.path)
  await writeFile(join(folder, 'deleted'), deleted.map((path) => `${path}\0`).join(''))
  return { written, deleted }
}
