import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { readProc } from './processes.ts'

type Controller = 'memory' | 'pids'

/** A folder below which control groups can be made, or such a group. v2 has all controllers in one, v1 one in each. */
export interface CgroupFolder {
  readonly folder: string
  readonly version: 1 | 2
  readonly controllers: readonly Controller[]
}

const controllers: readonly Controller[] = ['memory', 'pids']

/**
 * Where this process may make control groups that limit memory and processes; empty where it may not. See cgroups(7).
 * Tried out rather than read off: a probe group is made, joined and removed.
 */
export function cgroupFolders(): CgroupFolder[] {
  const mounts = readMounts(readFileSync('/proc/self/mountinfo', 'utf8'))
  const memberships = readMemberships(readFileSync('/proc/self/cgroup', 'utf8'))
  const v1 = controllers.flatMap((controller) => {
    const folders = ownFolders(mounts.get(controller), memberships.get(controller))
    const folder = folders.find((candidate) => canBeUsed(candidate))
    return folder === undefined ? [] : [{ folder, version: 1 as const, controllers: [controller] }]
  })
  if (v1.length > 0) return v1
  for (const folder of ownFolders(mounts.get(''), memberships.get(''))) {
    const enabled = enabledBelow(folder)
    if (enabled.length > 0 && canBeUsed(folder)) return [{ folder, version: 2, controllers: enabled }]
  }
  return []
}

interface CgroupMount {
  /** The part of the hierarchy that is mounted: `/`, or a container's own. */
  readonly root: string
  readonly folder: string
}

/** Controller (`''` for v2) → where it is mounted. */
export function readMounts(mountinfo: string): Map<string, CgroupMount> {
  const mounts = new Map<string, CgroupMount>()
  for (const line of mountinfo.split('\n')) {
    const [before = '', after = ''] = line.split(' - ')
    const [, , , root = '', folder = ''] = before.split(' ')
    const [type, , options = ''] = after.split(' ')
    if (type === 'cgroup2') mounts.set('', { root, folder })
    if (type === 'cgroup') for (const option of options.split(',')) mounts.set(option, { root, folder })
  }
  return mounts
}

/** Controller (`''` for v2) → the path of this process's own group in that hierarchy. */
export function readMemberships(text: string): Map<string, string> {
  const memberships = new Map<string, string>()
  for (const [, names = '', folder = ''] of text.matchAll(/^\d+:([^:]*):(.*)$/gm)) {
    for (const name of names.split(',')) memberships.set(name, folder)
  }
  return memberships
}

/** The own group's folder and those above it, nearest first, as far as they are mounted. */
export function ownFolders(mount: CgroupMount | undefined, own: string | undefined): string[] {
  if (mount === undefined || own === undefined) return []
  const inside = own.startsWith(mount.root) ? path.posix.relative(mount.root, own) : ''
  const parts = inside === '' || inside.startsWith('..') ? [] : inside.split('/')
  return Array.from({ length: parts.length + 1 }, (_, above) =>
    path.join(mount.folder, ...parts.slice(0, parts.length - above)),
  )
}

/**
 * The controllers that groups below a v2 folder get. Asking for them is refused where processes sit in the folder
 * itself, or where it is not ours; what is on already counts all the same.
 */
function enabledBelow(folder: string): Controller[] {
  const file = path.join(folder, 'cgroup.subtree_control')
  succeeds(() => writeFileSync(file, '+memory +pids'))
  const enabled = (readProc(file) ?? '').trim().split(' ')
  return controllers.filter((controller) => enabled.includes(controller))
}

function canBeUsed(folder: string): boolean {
  const probe = path.join(folder, `quarry-probe-${process.pid}`)
  if (!succeeds(() => mkdirSync(probe))) return false
  const join = spawnSync('/bin/sh', ['-c', 'echo $$ >"$0"', path.join(probe, 'cgroup.procs')], { stdio: 'ignore' })
  return succeeds(() => rmdirSync(probe)) && join.status === 0
}

/** Being refused is the answer looked for here, whatever the reason. */
function succeeds(action: () => void): boolean {
  try {
    action()
    return true
  } catch {
    return false
  }
}
