import { appendFile, readdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { statOf } from '../proc.ts'
import { ownerVariable } from './bubblewrap-launch.ts'
import { findControlGroups, openControlGroup } from './control-groups.ts'
import type { HostIdentity } from './identity.ts'
import { isOwnerName, ownerIsDead } from './owner.ts'
import { allPids, isCode, killProcess, readProc, waitUntil } from './processes.ts'
import { removeTree } from './removal.ts'
import { spreadFolder } from './spread-folder.ts'

export interface Swept {
  readonly processes: number
  readonly cgroups: number
  readonly scratch: number
}

const record = 'control-groups'

/** Makes the folder that all of one process's scratch is in, with a note of where its control groups are. */
export async function makeOwnerFolder(folder: string, groupParents: readonly string[]): Promise<void> {
  await spreadFolder(folder)
  await appendFile(path.join(folder, record), groupParents.map((parent) => `${parent}\n`).join(''))
}

/** The start of the names of a process's control groups. */
export function groupPrefix(owner: string): string {
  return `quarry-${owner}-`
}

/** Ends and removes what dead processes left below `folder`, which holds a folder for each process. */
export async function sweepOwners(folder: string, identity: HostIdentity): Promise<Swept> {
  const total = { processes: 0, cgroups: 0, scratch: 0 }
  for (const owner of await deadOwners(folder)) {
    const own = path.join(folder, owner)
    total.processes += await endProcesses(owner)
    const groups = findControlGroups(await recordedParents(own), groupPrefix(owner))
    for (const group of groups) {
      const opened = openControlGroup([group])
      total.processes += opened.kill()
      if (await opened.remove()) total.cgroups += 1
    }
    total.scratch += (await namesIn(own)).filter((name) => /^(?:run|scratch)-/.test(name)).length
    await removeTree(own, identity)
  }
  return total
}

async function deadOwners(folder: string): Promise<string[]> {
  const owners = (await namesIn(folder)).filter(isOwnerName)
  const dead = await Promise.all(
    owners.map(async (owner) => {
      const found = await stat(path.join(folder, owner)).catch(() => null) // another sweep was faster
      return found !== null && ownerIsDead(owner, found.mtime)
    }),
  )
  return owners.filter((_, index) => dead[index])
}

/** bubblewrap's own process carries the owner's name; with it ends all that is in its sandbox. */
async function endProcesses(owner: string): Promise<number> {
  const mark = `${ownerVariable}=${owner}`
  const pids = allPids().filter((pid) => readProc(`/proc/${pid}/environ`)?.split('\0').includes(mark))
  const killed = pids.filter(killProcess)
  await waitUntil(() => killed.every((pid) => statOf(pid)?.ended ?? true), 5000)
  return killed.length
}

async function recordedParents(own: string): Promise<string[]> {
  try {
    const lines = (await readFile(path.join(own, record), 'utf8')).split('\n')
    return [...new Set(lines.filter(Boolean))]
  } catch (error) {
    if (isCode(error, 'ENOENT')) return []
    throw error
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (isCode(error, 'ENOENT')) return []
    throw error
  }
}
