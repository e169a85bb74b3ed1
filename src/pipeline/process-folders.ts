import { mkdir, mkdtemp, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isOwnerName, ownerIsDead, ownerName } from '../sandboxes/owner.ts'
import { removeDeep } from '../sandboxes/removal.ts'
import { spreadFolder } from '../sandboxes/spread-folder.ts'

/** A folder below `root` that belongs to this process; those of processes that were killed are removed on the way. */
export async function processFolder(root: string): Promise<string> {
  const own = join(root, ownerName())
  await mkdir(own, { recursive: true, mode: 0o700 })
  await removeDeadFolders(root)
  return spreadFolder(await mkdtemp(join(own, 'x')))
}

/** Removes the folders of processes that are dead; gives how many. */
export async function removeDeadFolders(root: string): Promise<number> {
  let removed = 0
  for (const name of await readdir(root).catch(() => [])) {
    if (!isOwnerName(name)) continue
    const folder = join(root, name)
    const used = await stat(folder).catch(() => null)
    if (used === null || !ownerIsDead(name, used.mtime)) continue
    await removeDeep(folder)
    removed += 1
  }
  return removed
}
