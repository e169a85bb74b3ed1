import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { CgroupFolder } from './cgroup-folders.ts'
import { isCode, killProcess, waitUntil } from './processes.ts'

export interface GroupLimits {
  readonly memoryMiB: number
  readonly processes: number
}

/** The control group of one run: in one folder for v2, in one a controller for v1. */
export interface ControlGroup {
  /** A process joins by writing its number into each of these. */
  readonly joins: readonly string[]
  readonly limitsMemory: boolean
  readonly limitsProcesses: boolean
  limit(limits: GroupLimits): void
  /** Processes that the kernel ended for want of memory. */
  memoryKills(): number
  /** Page cache counts too, as the kernel counts it. Null where the kernel does not say. */
  peakBytes(): number | null
  kill(): number
  /** False where processes that can't be ended keep it: `sweep` finds it later. */
  remove(): Promise<boolean>
}

const mib = 1024 * 1024

/** Makes a group below each folder of `parents`; it limits nothing yet. */
export function makeControlGroup(parents: readonly CgroupFolder[], name: string): ControlGroup {
  const groups = parents.map((parent) => ({ ...parent, folder: path.join(parent.folder, name) }))
  for (const group of groups) mkdirSync(group.folder, { recursive: true })
  return openControlGroup(groups)
}

export function openControlGroup(groups: readonly CgroupFolder[]): ControlGroup {
  const memory = groups.find((group) => group.controllers.includes('memory'))
  return {
    joins: groups.map((group) => path.join(group.folder, 'cgroup.procs')),
    limitsMemory: memory !== undefined,
    limitsProcesses: groups.some((group) => group.controllers.includes('pids')),
    limit(limits) {
      for (const group of groups) setLimits(group, limits)
    },
    memoryKills: () => (memory === undefined ? 0 : memoryKills(memory)),
    peakBytes: () => (memory === undefined ? null : peakBytes(memory)),
    kill: () => killMembers(groups),
    async remove() {
      const removed = await Promise.all(groups.map((group) => waitUntil(() => removeFolder(group.folder), 5000)))
      return removed.every(Boolean)
    },
  }
}

/** Control groups below this machine's folders whose name starts with `prefix`. */
export function findControlGroups(parents: readonly string[], prefix: string): CgroupFolder[] {
  return parents.flatMap((folder) =>
    entries(folder)
      .filter((name) => name.startsWith(prefix))
      .map((name) => ({ folder: path.join(folder, name), version: 1 as const, controllers: [] })),
  )
}

function setLimits(group: CgroupFolder, limits: GroupLimits): void {
  const set = (file: string, value: string | number) => writeFileSync(path.join(group.folder, file), String(value))
  const bytes = limits.memoryMiB * mib
  if (group.controllers.includes('pids')) set('pids.max', limits.processes)
  if (!group.controllers.includes('memory')) return
  if (group.version === 2) {
    set('memory.max', bytes)
    // Of a run that lost one process nothing can be trusted: the kernel ends all of it.
    set('memory.oom.group', 1)
    setWhereKnown(group, 'memory.swap.max', 0)
  } else {
    set('memory.limit_in_bytes', bytes)
    setWhereKnown(group, 'memory.memsw.limit_in_bytes', bytes)
  }
}

/** Swap is accounted for only by some kernels; without it there is nothing to limit. */
function setWhereKnown(group: CgroupFolder, file: string, value: number): void {
  if (entries(group.folder).includes(file)) writeFileSync(path.join(group.folder, file), String(value))
}

function memoryKills(group: CgroupFolder): number {
  const file = group.version === 2 ? 'memory.events' : 'memory.oom_control'
  return Number(/^oom_kill (\d+)$/m.exec(readFileSync(path.join(group.folder, file), 'utf8'))?.[1] ?? 0)
}

function peakBytes(group: CgroupFolder): number | null {
  const file = group.version === 2 ? 'memory.peak' : 'memory.max_usage_in_bytes'
  if (!entries(group.folder).includes(file)) return null
  return Number(readFileSync(path.join(group.folder, file), 'utf8'))
}

function killMembers(groups: readonly CgroupFolder[]): number {
  const pids = new Set(groups.flatMap((group) => members(group.folder)))
  return [...pids].filter(killProcess).length
}

function members(folder: string): number[] {
  try {
    return readFileSync(path.join(folder, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number)
  } catch (error) {
    if (isCode(error, 'ENOENT', 'ENODEV')) return []
    throw error
  }
}

/** True once it is gone; false while processes that are ending keep it. */
function removeFolder(folder: string): boolean {
  try {
    rmdirSync(folder)
    return true
  } catch (error) {
    if (isCode(error, 'ENOENT')) return true
    if (isCode(error, 'EBUSY')) return false
    throw error
  }
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (isCode(error, 'ENOENT', 'EACCES')) return []
    throw error
  }
}
