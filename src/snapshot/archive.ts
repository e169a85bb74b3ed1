import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { execa } from 'execa'
import { steadyZstd } from '../blobs/steady-zstd.ts'
import { Fault } from '../errors.ts'
import { LAID_OUT_AT, type Mirror } from '../git/index.ts'
import { checkoutSnapshot, makeOwnRepository } from './checkout.ts'

/** `tar`: the work tree with its `.git`, compressed with zstd; `bundle`: what `git clone` takes. */
export const archiveFormats = ['tar', 'bundle'] as const
export type ArchiveFormat = (typeof archiveFormats)[number]

export interface ArchivedSnapshot {
  readonly tree: string
  readonly tag: string | null
  readonly format: ArchiveFormat
}

/** Most files are in it twice: plain, and in the pack, which does not shrink any more. */
const LEVEL = 9
const DEADLINE_MS = 600_000

/**
 * Packs the snapshot exactly as `checkoutSnapshot` lays it out, by way of `folder`, which is empty, into `file`. The same snapshot gives
 * the same bytes, whatever the mirror's packs, the machine's umask or its clock. Gives the commit's id.
 */
export async function archiveSnapshot(
  mirror: Mirror,
  snapshot: ArchivedSnapshot,
  folder: string,
  file: string,
): Promise<string> {
  const options = { packedAnew: true, ...(snapshot.tag === null ? {} : { tag: snapshot.tag }) }
  if (snapshot.format === 'bundle') {
    const { own, commit } = await makeOwnRepository(mirror, snapshot.tree, join(folder, '.git'), options)
    try {
      await pipeline(bundleOf(own), createWriteStream(file))
    } finally {
      await own.close()
    }
    return commit
  }
  const commit = await checkoutSnapshot(mirror, snapshot.tree, folder, options)
  await pipeline(steadyZstd(tarOf(folder), LEVEL), createWriteStream(file))
  return commit
}

function bundleOf(own: Mirror): AsyncGenerator<Buffer> {
  // Nothing is compressed again: what is in it comes out of the one pack, in its order.
  const settings = { 'pack.threads': '1', 'pack.window': '0' }
  return own.stream(['bundle', 'create', '--quiet', '--version=2', '-', 'HEAD', '--all'], { settings })
}

/** GNU tar takes names as they are, however long and in whatever bytes. A failure is thrown after the last chunk. */
async function* tarOf(folder: string): AsyncGenerator<Buffer> {
  const tar = execa(
    'tar',
    [
      '--create',
      '--format=gnu',
      '--sort=name',
      '--hard-dereference',
      `--mtime=@${LAID_OUT_AT.getTime() / 1000}`,
      '--mode=a=rX,u+w',
      '--owner=0',
      '--group=0',
      '--numeric-owner',
      '.',
    ],
    {
      cwd: folder,
      env: { LC_ALL: 'C' },
      encoding: 'buffer',
      buffer: { stdout: false, stderr: true },
      reject: false,
      timeout: DEADLINE_MS,
    },
  )
  try {
    for await (const chunk of tar.stdout) yield Buffer.from(chunk)
  } finally {
    // Of one that has ended this does nothing.
    tar.kill()
  }
  const ended = await tar
  if (ended.exitCode !== 0)
    throw new Fault('archive', `tar could not pack a snapshot: ${Buffer.from(ended.stderr).toString().slice(0, 2000)}`)
}
