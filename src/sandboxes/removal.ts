import { chmodSync, readdirSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { Fault, messageOf } from '../errors.ts'
import type { HostIdentity } from './identity.ts'
import { isCode } from './processes.ts'
import { runTool } from './system-tools.ts'

/**
 * Removes what a sandbox wrote. Links are removed, never followed. rm(1) and chmod(1) stand in where names are too
 * long for one path, or an ordinary user closed folders to himself.
 */
export async function removeTree(folder: string, identity: HostIdentity): Promise<void> {
  if (!identity.root) openWorkFolder(folder)
  try {
    // The few files of a run that wrote nothing are gone sooner than another thread would be asked.
    if (isSmall(folder)) rmSync(folder, { recursive: true, force: true })
    else await rm(folder, { recursive: true, force: true })
  } catch (error) {
    if (!isCode(error, 'EACCES', 'EPERM', 'ENAMETOOLONG', 'ENOTEMPTY')) throw error
    // What Node was removing when it gave up goes on going while chmod looks at it: whether all could be opened, rm tells.
    if (!identity.root) await Promise.allSettled([runTool('chmod', ['-R', 'u+rwX', '--', folder])])
    await runTool('rm', ['-rf', '--', folder])
  }
}

/** Removals that nobody waits for: what a run wrote is out of the way as soon as it has ended. */
export interface LateRemovals {
  /** Waits only where many are under way: what runs write must not outpace what is removed. */
  begin(removal: () => Promise<void>): Promise<void>
  /** Throws Fault('sandbox') of one that failed, once. */
  check(): void
  /** Waits for all of them, and throws as `check` does. */
  settle(): Promise<void>
}

const mostUnderWay = 4

export function createLateRemovals(): LateRemovals {
  const pending = new Set<Promise<void>>()
  const failures: unknown[] = []
  const check = () => {
    const [first, ...others] = failures.splice(0)
    if (first === undefined) return
    const more = others.length === 0 ? '' : ` (and ${others.length} more)`
    throw new Fault('sandbox', `what a run wrote could not be removed: ${messageOf(first)}${more}`, { cause: first })
  }
  return {
    async begin(removal) {
      while (pending.size >= mostUnderWay) await Promise.race(pending)
      const ended = removal()
        .catch((error: unknown) => {
          failures.push(error)
        })
        .finally(() => pending.delete(ended))
      pending.add(ended)
    },
    check,
    async settle() {
      await Promise.all(pending)
      check()
    },
  }
}

/** Removes a folder of this process, however deep: a tree out of a patch, or what a killed sandbox left, may be deeper than a path is long. */
export async function removeDeep(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true })
  } catch (error) {
    if (!isCode(error, 'ENAMETOOLONG')) throw error
    await runTool('rm', ['-rf', '--', folder])
  }
}

/** overlayfs makes a folder of its own, with no permissions at all, in the one it is given to work in. */
function openWorkFolder(folder: string): void {
  for (const work of ['work', 'work/work']) {
    try {
      chmodSync(path.join(folder, work), 0o700)
    } catch (error) {
      if (!isCode(error, 'ENOENT', 'ENOTDIR')) throw error
    }
  }
}

/** A run's folder whose parts that a command writes to are empty. */
function isSmall(folder: string): boolean {
  return ['upper', 'tmp', 'home'].every((name) => {
    try {
      return readdirSync(path.join(folder, name)).length === 0
    } catch (error) {
      if (isCode(error, 'ENOENT', 'EACCES')) return false
      throw error
    }
  })
}
