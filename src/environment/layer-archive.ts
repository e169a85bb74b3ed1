import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setImmediate } from 'node:timers/promises'
import { createZstdDecompress } from 'node:zlib'
import { steadyZstd } from '../blobs/steady-zstd.ts'
import { Fault } from '../errors.ts'

/** What of a folder goes into a layer. Paths are relative to the folder. */
export interface LayerContent {
  /** Sorted bytewise; a folder only where it holds something that is kept. */
  readonly kept: readonly string[]
  /** The topmost of the others. */
  readonly left: readonly string[]
}

/** Folders that are read in one go: asked for by turns, each would wait behind whatever else the process does with files. */
const AT_ONCE = 64

/** Sorts what is below `folder` by `keep`. What an overlay marks as deleted (a character device) is left. */
export async function listContent(
  folder: string,
  keep: (path: string, isFolder: boolean) => boolean,
): Promise<LayerContent> {
  const kept: string[] = []
  const left: string[] = []
  let read = 0
  const visit = async (relative: string): Promise<void> => {
    read += 1
    if (read % AT_ONCE === 0) await setImmediate()
    for (const entry of readdirSync(join(folder, relative), { withFileTypes: true })) {
      const path = relative === '' ? entry.name : `${relative}/${entry.name}`
      const isFolder = entry.isDirectory()
      if (!(isFolder || entry.isFile() || entry.isSymbolicLink()) || !keep(path, isFolder)) {
        left.push(path)
        continue
      }
      const leftBefore = left.length
      const keptWithIt = kept.push(path)
      if (!isFolder) continue
      await visit(path)
      if (kept.length > keptWithIt) continue
      kept.pop()
      left.length = leftBefore
      left.push(path)
    }
  }
  await visit('')
  return { kept: kept.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)), left }
}

const LEVEL = 3

export interface PackedLayer {
  /** `sha256:` of the tar's bytes before compression: an OCI layer's diff id. */
  readonly diffId: string
  readonly bytes: number
}

/**
 * Packs `paths` of `folder` as an OCI layer: one sorted tar with fixed owners and times, zstd-compressed, handed to
 * `store` as a stream. The same files give the same bytes.
 */
export async function packLayer(
  folder: string,
  paths: readonly string[],
  store: (compressed: Readable) => Promise<void>,
): Promise<PackedLayer> {
  return readTar(folder, paths, (tar) => store(steadyZstd(tar, LEVEL)))
}

/** What `packLayer` would say of the same, in a part of its time: nothing is compressed. */
export async function measureLayer(folder: string, paths: readonly string[]): Promise<PackedLayer> {
  return readTar(folder, paths, async (tar) => {
    for await (const _ of tar);
  })
}

async function readTar(
  folder: string,
  paths: readonly string[],
  take: (tar: AsyncIterable<Buffer>) => Promise<void>,
): Promise<PackedLayer> {
  const tar = spawn(
    'tar',
    [
      '--create',
      '--no-recursion',
      '--null',
      '--format=gnu',
      '--hard-dereference',
      '--mtime=@1000000000',
      '--owner=1000',
      '--group=1000',
      '--numeric-owner',
      '--transform=flags=rSH;s,^\\./,testbed/,',
      '--files-from=-',
    ],
    { cwd: folder, stdio: ['pipe', 'pipe', 'pipe'] },
  )
  const errors = collect(tar.stderr)
  const exit = new Promise<number | null>((done, fail) => tar.on('error', fail).on('close', done))
  tar.stdin.on('error', () => undefined)
  tar.stdin.end(paths.map((path) => `./${path}\0`).join(''))

  const hash = createHash('sha256')
  let bytes = 0
  async function* measured(): AsyncGenerator<Buffer> {
    for await (const chunk of tar.stdout) {
      hash.update(chunk)
      bytes += chunk.length
      yield chunk
    }
  }
  await Promise.all([take(measured()), exit])
  if ((await exit) !== 0) throw new Fault('layer', `tar could not pack a layer: ${(await errors).slice(0, 2000)}`)
  return { diffId: `sha256:${hash.digest('hex')}`, bytes }
}

/** Unpacks a layer's compressed bytes so that `folder` holds what belongs at /testbed: whole, or not at all. */
export async function unpackLayer(compressed: Readable, folder: string): Promise<void> {
  const partial = `${folder}.${process.pid}.partial`
  await rm(partial, { recursive: true, force: true })
  await mkdir(partial, { recursive: true })
  const tar = spawn(
    'tar',
    ['--extract', '--no-same-owner', '--preserve-permissions', '--strip-components=1', '--directory', partial],
    {
      stdio: ['pipe', 'ignore', 'pipe'],
    },
  )
  const errors = collect(tar.stderr)
  const exit = new Promise<number | null>((done, fail) => tar.on('error', fail).on('close', done))
  // tar leaves at the archive's end mark, at times before what pads it is written: its exit status says whether it had all.
  tar.stdin.on('error', () => undefined)
  const read = pipeline(compressed, createZstdDecompress(), async (archive: AsyncIterable<Buffer>) => {
    for await (const chunk of archive) {
      const full = tar.stdin.writable && !tar.stdin.write(chunk)
      if (full) await Promise.race([once(tar.stdin, 'drain').catch(() => undefined), exit])
    }
  }).finally(() => tar.stdin.end())
  const [unread, left] = await Promise.allSettled([read, exit])
  if (unread.status === 'rejected')
    throw new Fault('layer', 'a stored layer could not be read', { cause: unread.reason })
  if (left.status === 'rejected') throw new Fault('layer', 'tar could not be started', { cause: left.reason })
  if (left.value !== 0) throw new Fault('layer', `tar could not unpack a layer: ${(await errors).slice(0, 2000)}`)
  await rename(partial, folder)
}

async function collect(stream: Readable): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString()
}
