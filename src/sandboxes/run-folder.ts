import { chmodSync, chownSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { Fault } from '../errors.ts'
import type { Bind, Rooms } from './bubblewrap-arguments.ts'
import type { HostIdentity } from './identity.ts'

/** What one run mounts, before any of it is mounted. */
export interface RunMounts {
  readonly layers: readonly string[]
  /** Holds `upper` and `work`; the run's own folder where nothing is kept. */
  readonly scratch: string
  readonly binds: readonly Bind[]
}

export interface RunFolder {
  readonly rooms: Rooms
  readonly binds: readonly Bind[]
  /** Host folders that hold everything the command can write to the disk. */
  readonly written: readonly string[]
}

/**
 * Fills an empty folder with all that the launcher needs: a `mounts` file in fstab's form, numbered links to the
 * layers (the overlay's options are separated by commas and colons, which a path may hold), and mount points.
 *
 * As root the command runs under a user number that may not be able to reach the data folder (below /root, say), so
 * the launcher puts the run's folder and every bind in a place that all can reach, in its own mount namespace.
 *
 * Done at once and not by turns: these are two dozen calls of some microseconds each, in the way of every run.
 */
export function fillRunFolder(folder: string, mounts: RunMounts, identity: HostIdentity): RunFolder {
  const stage = identity.root ? reachablePlace(mounts.binds) : folder
  makeRooms(folder, mounts.scratch, identity)
  for (const [index, layer] of mounts.layers.entries())
    symlinkSync(path.resolve(layer), path.join(folder, `layer${index}`))
  const overlay = overlayOptions(mounts.layers.length, identity)
  const lines = identity.root ? [fstabLine(folder, stage, 'none', 'bind')] : []
  lines.push(fstabLine('overlay', path.join(stage, 'testbed'), 'overlay', overlay))
  const binds = mounts.binds.map((bind, index) => {
    const kind = kindOf(bind)
    if (!identity.root) return bind
    makeMountPoint(path.join(folder, `bind${index}`), kind)
    const source = path.join(stage, `bind${index}`)
    lines.push(fstabLine(bind.source, source, 'none', 'rbind'))
    return { ...bind, source }
  })
  writeFileSync(path.join(folder, 'mounts'), `${lines.join('\n')}\n`)
  return {
    rooms: { testbed: path.join(stage, 'testbed'), tmp: path.join(stage, 'tmp'), home: path.join(stage, 'home') },
    binds,
    written: [path.join(mounts.scratch, 'upper'), path.join(folder, 'tmp'), path.join(folder, 'home')],
  }
}

/** `upper` and `work` are the scratch folder's where there is one; overlayfs wants a `work` that no mount had before. */
function makeRooms(folder: string, scratch: string, identity: HostIdentity): void {
  const inside = (name: string) => path.join(folder, name)
  const writable = ['tmp', 'home']
  for (const name of ['testbed', 'nothing', ...writable]) mkdirSync(inside(name))
  if (scratch === folder) {
    mkdirSync(inside('upper'))
    mkdirSync(inside('work'))
    writable.push('upper')
  } else {
    const work = path.join(scratch, 'work', path.basename(folder))
    mkdirSync(work)
    symlinkSync(path.join(scratch, 'upper'), inside('upper'))
    symlinkSync(work, inside('work'))
  }
  chmodSync(inside('tmp'), 0o1777)
  if (identity.root) for (const name of writable) chownSync(inside(name), identity.uid, identity.gid)
}

/**
 * Renames of folders of a layer fail with EXDEV, as in Docker, rather than leave a redirect behind that a reader of
 * the upper folder would have to know. `volatile`: nothing of a run outlives a crash of the machine anyway.
 */
function overlayOptions(layers: number, identity: HostIdentity): string {
  const lower = layers === 0 ? 'nothing' : Array.from({ length: layers }, (_, index) => `layer${index}`).join(':')
  const marks = identity.root ? 'redirect_dir=nofollow,metacopy=off,index=off' : 'userxattr'
  return `lowerdir=${lower},upperdir=upper,workdir=work,volatile,${marks}`
}

/** See fstab(5): blanks, backslashes and the comment sign are written as octal numbers. */
export function fstabLine(source: string, target: string, type: string, options: string): string {
  const octal = (text: string) =>
    text.replace(/[\s\\#]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`)
  return [octal(source), octal(target), type, options, '0', '0'].join(' ')
}

function kindOf(bind: Bind): 'folder' | 'file' {
  try {
    return statSync(bind.source).isDirectory() ? 'folder' : 'file'
  } catch (cause) {
    throw new Fault('sandbox', `${bind.source}, to be mounted at ${bind.target}, can't be read.`, { cause })
  }
}

function makeMountPoint(place: string, kind: 'folder' | 'file'): void {
  if (kind === 'folder') mkdirSync(place)
  else writeFileSync(place, '')
}

/** Folders that every system has and everyone can pass through; one is covered up in the run's mount namespace. */
const places = ['/mnt', '/media', '/srv', '/opt', '/home', '/var/lib']

function reachablePlace(binds: readonly Bind[]): string {
  for (const place of places) {
    if (binds.some(({ source }) => source === place || source.startsWith(`${place}/`))) continue
    const found = statSync(place, { throwIfNoEntry: false })
    if (found?.isDirectory() === true && (found.mode & 0o001) !== 0) return place
  }
  throw new Fault('sandbox', `None of ${places.join(', ')} can be used as a mount point.`)
}
