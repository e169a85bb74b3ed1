import { createHash } from 'node:crypto'
import { lstat, mkdir, readdir, readFile, readlink, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import pLimit from 'p-limit'
import { Fault, messageOf } from '../errors.ts'

/**
 * What builds wrote in one environment, by the tree that they were run on. The tree's id stands for every byte that a build could read of the
 * repository, and what else it sees is the environment's: the same builds on the same tree do the same. Whether they come out the
 * same is not taken on trust: a tree's is kept once two builds of it were alike, byte for byte, and none that tells the time or
 * throws dice ever is. So nothing that one tree's build writes is ever seen in a run of another.
 */
export interface KeptBuilds {
  /** Makes a run's empty upper folder what it is after the builds; false where nothing is kept of this tree. */
  lay(tree: string, upper: string): Promise<boolean>
  /** Shows what builds that went well left in a run's upper folder, before anything else is run on it. */
  show(tree: string, upper: string): Promise<void>
  close(): Promise<void>
}

const MOST_KEPT = 4
/** So many trees are known by how their last build came out. */
const MOST_KNOWN = 200
/** What is larger is copied no faster than it is built. */
const MOST_FILES = 5000
const MOST_BYTES = 64 * 1024 * 1024

/** `root` is a folder of this process that no sandbox sees. */
export function makeKeptBuilds(root: string): KeptBuilds {
  const alone = pLimit(1)
  /** In the order of their last use. */
  const kept = new Map<string, string>()
  const known = new Map<string, string>()
  let count = 0

  const keep = async (tree: string, upper: string) => {
    count += 1
    await mkdir(root, { recursive: true })
    const folder = join(root, String(count))
    await copy(upper, folder)
    kept.set(tree, folder)
    for (const [oldest, doomed] of [...kept].slice(0, -MOST_KEPT)) {
      kept.delete(oldest)
      await rm(doomed, { recursive: true, force: true })
    }
  }

  return {
    lay: (tree, upper) =>
      alone(async () => {
        const folder = kept.get(tree)
        if (folder === undefined) return false
        kept.delete(tree)
        kept.set(tree, folder)
        await rmdir(upper)
        await copy(folder, upper)
        return true
      }),
    show: (tree, upper) =>
      alone(async () => {
        if (kept.has(tree)) return
        const digest = await digestOf(upper)
        const before = known.get(tree)
        known.delete(tree)
        if (digest === null) return
        if (digest === before) return keep(tree, upper)
        known.set(tree, digest)
        for (const [oldest] of [...known].slice(0, -MOST_KNOWN)) known.delete(oldest)
      }),
    close: () =>
      alone(async () => {
        kept.clear()
        known.clear()
        await rm(root, { recursive: true, force: true })
      }),
  }
}

/** Owners, modes, links, times and the overlay's own marks as they are. */
async function copy(from: string, to: string): Promise<void> {
  const copied = await execa('cp', ['--archive', '--reflink=auto', '--', from, to], { reject: false, timeout: 60_000 })
  if (copied.exitCode === 0) return
  const isFull = /No space left on device|Disk quota exceeded/.test(copied.stderr)
  throw new Fault(isFull ? 'disk-full' : 'disk', `a build can't be copied: ${copied.stderr.slice(0, 500)}`)
}

/** Over all that a run can see of a folder, but its times; null where it is too large, or holds what is neither file, folder nor link. */
async function digestOf(folder: string): Promise<string | null> {
  const hash = createHash('sha256')
  let [files, bytes] = [0, 0]
  const visit = async (path: string): Promise<boolean> => {
    const stat = await lstat(join(folder, path))
    files += 1
    bytes += stat.size
    if (files > MOST_FILES || bytes > MOST_BYTES) return false
    hash.update(`${path}\0${stat.mode}\0`)
    if (stat.isSymbolicLink()) hash.update(`${await readlink(join(folder, path))}\0`)
    else if (stat.isFile()) hash.update(`${stat.nlink}\0${stat.size}\0`).update(await readFile(join(folder, path)))
    else if (!stat.isDirectory()) return false
    if (!stat.isDirectory()) return true
    for (const name of (await readdir(join(folder, path))).sort()) {
      if (!(await visit(join(path, name)))) return false
    }
    return true
  }
  // A build may close a folder to all, which only root can read.
  return (await visit('.').catch(unlessClosed)) ? hash.digest('hex') : null
}

function unlessClosed(error: unknown): false {
  if (error instanceof Error && 'code' in error && error.code === 'EACCES') return false
  throw new Fault('disk', `what a build wrote can't be read: ${messageOf(error)}`, { cause: error })
}
