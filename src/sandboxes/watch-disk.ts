import { readdirSync, readlinkSync, type Stats, statSync } from 'node:fs'
import { lstat, readdir, statfs } from 'node:fs/promises'
import path from 'node:path'
import { isCode, namespaceMembers } from './processes.ts'

const mib = 1024 * 1024
/** Below this much room on the host's disk a command may fail for want of it: the machine's fault, not the command's. */
const hostReserveMiB = 64

export interface DiskWatch {
  /** `init`: the sandbox's first process. */
  look(init: number | null): Promise<'fine' | 'exceeded' | 'host-full'>
}

/**
 * What a run takes on the disk is found by walking what it wrote, which is slow for many files. So it walks when the
 * disk's free space fell by half of what is allowed since the last walk, and else only as often as a twentieth of the time allows.
 */
export async function watchDisk(folders: readonly string[], limitMiB: number): Promise<DiskWatch> {
  const [first = '/'] = folders
  let freeAtWalk = await freeMiB(first)
  let nextWalk = performance.now() + 5000
  return {
    async look(init) {
      const free = await freeMiB(first)
      if (free < hostReserveMiB) return 'host-full'
      if (freeAtWalk - free < limitMiB / 2 && performance.now() < nextWalk) return 'fine'
      const started = performance.now()
      const used = (await usedBytes(folders)) + (init === null ? 0 : unlinkedBytes(init))
      nextWalk = performance.now() + Math.max(5000, 20 * (performance.now() - started))
      freeAtWalk = free
      return used > limitMiB * mib ? 'exceeded' : 'fine'
    },
  }
}

async function freeMiB(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return (bavail * bsize) / mib
}

async function usedBytes(folders: readonly string[]): Promise<number> {
  const linked = new Set<string>()
  let used = 0
  for (const folder of folders) used += await usedBelow(folder, linked)
  return used
}

/** `linked`: files with several names that were counted already. */
async function usedBelow(folder: string, linked: Set<string>): Promise<number> {
  let used = 0
  for (const entry of await unlessChanged(readdir(folder, { withFileTypes: true }), [])) {
    const full = path.join(folder, entry.name)
    if (entry.isDirectory()) used += await usedBelow(full, linked)
    const stat = await unlessChanged(lstat(full), null)
    if (stat === null || linked.has(`${stat.dev}:${stat.ino}`)) continue
    if (stat.nlink > 1 && !stat.isDirectory()) linked.add(`${stat.dev}:${stat.ino}`)
    used += stat.blocks * 512
  }
  return used
}

/** What the command changes meanwhile, or closes to us, is passed over: the host's reserve is looked at besides. */
async function unlessChanged<T>(reading: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await reading
  } catch (error) {
    if (isCode(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'ENAMETOOLONG')) return otherwise
    throw error
  }
}

/** Files that were deleted while open still take their room, and no walk finds them. */
function unlinkedBytes(init: number): number {
  const seen = new Map<string, number>()
  for (const pid of namespaceMembers(init)) {
    for (const file of openFiles(pid)) {
      if (file.isFile() && file.nlink === 0) seen.set(`${file.dev}:${file.ino}`, file.blocks * 512)
    }
  }
  return [...seen.values()].reduce((total, bytes) => total + bytes, 0)
}

/** Those on a disk; what only memory holds is not of this watch. */
function openFiles(pid: number): Stats[] {
  try {
    const links = readdirSync(`/proc/${pid}/fd`).map((fd) => `/proc/${pid}/fd/${fd}`)
    const onDisk = links.filter((link) => !/^\/(?:memfd:|dev\/)/.test(readlinkSync(link)))
    return onDisk.flatMap((link) => statSync(link, { throwIfNoEntry: false }) ?? [])
  } catch (error) {
    if (isCode(error, 'ENOENT', 'ESRCH', 'EACCES', 'EPERM')) return []
    throw error
  }
}
