import { chmod, chown, mkdir, stat, symlink, writeFile } from 'node:fs/promises'
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
 */
export async function fillRunFolder(folder: string, mounts: RunMounts, identity: HostIdentity): Promise<RunFolder> {
  const stage = identity.root ? await reachablePlace(mounts.binds) : folder
  const own = path.join(folder, 'upper') === path.join(mounts.scratch, 'upper')
  await Promise.all(['testbed', 'tmp', 'home', 'nothing', ...(own ? ['upper', 'work'] : [])].map(makeIn))
  if (!own) {
    const work = path.join(mounts.scratch, 'work', path.basename(folder))
    await mkdir(work)
    await symlink(path.join(mounts.scratch, 'upper'), path.join(folder, 'upper'))
    await symlink(work, path.join(folder, 'work'))
  }
  await Promise.all(
    mounts.layers.map((layer, index) => symlink(path.resolve(layer), path.join(folder, `layer${index}`))),
  )
  const lines = identity.root ? [fstabLine(folder, stage, 'none', 'bind')] : []
  lines.push(
    fstabLine('overlay', path.join(stage, 'testbed'), 'overlay', overlayOptions(mounts.layers.length, identity)),
  )
  const binds: Bind[] = []
  for (const [index, bind] of mounts.binds.entries()) {
    const kind = await kindOf(bind)
    if (identity.root) {
      await makeMountPoint(path.join(folder, `bind${index}`), kind)
      lines.push(fstabLine(bind.source, path.join(stage, `bind${index}`), 'none', 'rbind'))
    }
    binds.push({ ...bind, source: identity.root ? path.join(stage, `bind${index}`) : bind.source })
  }
  await writeFile(path.join(folder, 'mounts'), `${lines.join('\n')}\n`)
  return {
    rooms: { testbed: path.join(stage, 'testbed'), tmp: path.join(stage, 'tmp'), home: path.join(stage, 'home') },
    binds,
    written: [path.join(mounts.scratch, 'upper'), path.join(folder, 'tmp'), path.join(folder, 'home')],
  }

  async function makeIn(name: string): Promise<void> {
    const made = path.join(folder, name)
    await mkdir(made)
    if (name === 'tmp') await chmod(made, 0o1777)
    if (identity.root && (name === 'tmp' || name === 'home' || name === 'upper'))
      await chown(made, identity.uid, identity.gid)
  }
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

async function kindOf(bind: Bind): Promise<'folder' | 'file'> {
  try {
    return (await stat(bind.source)).isDirectory() ? 'folder' : 'file'
  } catch (cause) {
    throw new Fault('sandbox', `${bind.source}, to be mounted at ${bind.target}, can't be read.`, { cause })
  }
}

async function makeMountPoint(place: string, kind: 'folder' | 'file'): Promise<void> {
  if (kind === 'folder') await mkdir(place)
  else await writeFile(place, '')
}

/** Folders that every system has and everyone can pass through; one is covered up in the run's mount namespace. */
const places = ['/mnt', '/media', '/srv', '/opt', '/home', '/var/lib']

async function reachablePlace(binds: readonly Bind[]): Promise<string> {
  for (const place of places) {
    if (binds.some(({ source }) => source === place || source.startsWith(`${place}/`))) continue
    const found = await stat(place).catch(() => null)
    if (found?.isDirectory() === true && (found.mode & 0o001) !== 0) return place
  }
  throw new Fault('sandbox', `None of ${places.join(', ')} can be used as a mount point.`)
}
