import { lchown, lstat, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Fault, UserError } from '../errors.ts'
import { runTool } from './system-tools.ts'

/**
 * Who the sandbox's uid 1000 is on the host. As an ordinary user it is that user. As root it must not be root: it is
 * a number that nobody on the host has, and what the sandbox shall be able to change is given to that number.
 */
export interface HostIdentity {
  readonly root: boolean
  readonly uid: number
  readonly gid: number
}

/** Above the ranges that adduser, subuid and systemd give out; below 2^31, past which some tools fail. */
const preferredId = 1_900_001_000

export async function hostIdentity(): Promise<HostIdentity> {
  const uid = process.geteuid?.() ?? 0
  if (uid !== 0) return { root: false, uid, gid: process.getegid?.() ?? uid }
  const [users, groups] = await Promise.all(['uid', 'gid'].map((kind) => readFile(`/proc/self/${kind}_map`, 'utf8')))
  return { root: true, uid: unusedId(users ?? ''), gid: unusedId(groups ?? '') }
}

/** In a container whose numbers end earlier than the preferred one: a high one of those there are. */
export function unusedId(map: string): number {
  const ranges = map
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
  const ends = ranges.map(([first = 0, , count = 0]) => ({ first, end: first + count }))
  if (ends.some(({ first, end }) => first <= preferredId && preferredId < end)) return preferredId
  const highest = Math.max(...ends.map(({ end }) => end))
  if (highest <= 1000) throw new Fault('sandbox', 'This user namespace has no user number to spare for the sandbox.')
  return highest - 1000 // not the last: 65534 is nobody
}

/** Gives a folder and all in it to the sandbox's user; links are changed themselves, never followed. */
export async function giveTo(identity: HostIdentity, folder: string): Promise<void> {
  const stat = await lstat(folder)
  if (!stat.isDirectory()) throw new UserError(`${folder} is not a folder and can't be given to a sandbox.`)
  if (!identity.root) return
  const few = await listFew(folder)
  if (few === null) await runTool('chown', ['-R', '-h', '-P', `${identity.uid}:${identity.gid}`, '--', folder])
  else for (const path of few) await lchown(path, identity.uid, identity.gid)
}

/** Starting a process costs more than changing the owner of so many files. */
const fewPaths = 200

/** A folder and all in it, or null where that is many. */
async function listFew(folder: string): Promise<string[] | null> {
  const paths = [folder]
  for (const [at, path] of paths.entries()) {
    if (paths.length > fewPaths) return null
    if (at > 0 && !(await lstat(path)).isDirectory()) continue
    paths.push(...(await readdir(path)).map((name) => join(path, name)))
  }
  return paths
}
