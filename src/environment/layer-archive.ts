import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createZstdDecompress } from 'node:zlib'
import { steadyZstd } from '../blobs/steady-zstd.ts'
import { Fault } from '../errors.ts'

/**
 * Every path below `folder` that `keep` accepts, sorted bytewise; folders only where they hold something kept or are
 * themselves kept and empty. What an overlay marks as deleted (a character device) is left out.
 */
export async function listKept(folder: string, keep: (path: string, isFolder: boolean) => boolean): Promise<string[]> {
  const kept: string[] = []
  const visit = async (relative: string): Promise<boolean> => {
    const entries = await readdir(join(folder, relative), { withFileTypes: true })
    let any = false
    for (const entry of entries) {
      const path = relative === '' ? entry.name : `${relative}/${entry.name}`
      if (entry.isDirectory()) {
        if (!keep(path, true)) continue
        if (await visit(path)) {
          kept.push(path)
          any = true
        }
      } else if ((entry.isFile() || entry.isSymbolicLink()) && keep(path, false)) {
        kept.push(path)
        any = true
      }
    }
    return any
  }
  await visit('')
  return kept.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
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
  await Promise.all([store(steadyZstd(measured(), LEVEL)), exit])
  if ((await exit) !== 0) throw new Fault('layer', `tar could not pack a layer: ${(await errors).slice(0, 2000)}`)
  return { diffId: `sha256:${hash.digest('hex')}`, bytes }
}

/** Unpacks a layer's compressed bytes so that `folder` holds what belongs at /testbed: whole, or not at all. */
export async function unpackLayer(compressed: Readable, folder: string): Promise<void> {
  const partial = `${folder}.${process.pid}.partial`
  await rm(partial, { recursive: true, force: true })
  await mkdir(partial, { recursive: true })
  const tar = spawn('tar', ['--extract', '--no-same-owner', '--strip-components=1', '--directory', partial], {
    stdio: ['pipe', 'ignore', 'pipe'],
  })
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
