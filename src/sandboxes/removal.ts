import { chmod, rm } from 'node:fs/promises'
import path from 'node:path'
import type { HostIdentity } from './identity.ts'
import { isCode } from './processes.ts'
import { runTool } from './system-tools.ts'

/**
 * Removes what a sandbox wrote. Links are removed, never followed. rm(1) and chmod(1) stand in where names are too
 * long for one path, or an ordinary user closed folders to himself.
 */
export async function removeTree(folder: string, identity: HostIdentity): Promise<void> {
  if (!identity.root) await openWorkFolder(folder)
  try {
    await rm(folder, { recursive: true, force: true })
  } catch (error) {
    if (!isCode(error, 'EACCES', 'EPERM', 'ENAMETOOLONG', 'ENOTEMPTY')) throw error
    if (!identity.root) await runTool('chmod', ['-R', 'u+rwX', '--', folder])
    await runTool('rm', ['-rf', '--', folder])
  }
}

/** overlayfs makes a folder of its own, with no permissions at all, in the one it is given to work in. */
async function openWorkFolder(folder: string): Promise<void> {
  for (const work of ['work', 'work/work']) {
    try {
      await chmod(path.join(folder, work), 0o700)
    } catch (error) {
      if (!isCode(error, 'ENOENT', 'ENOTDIR')) throw error
    }
  }
}
