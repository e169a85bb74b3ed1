import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { Fault, messageOf } from '../errors.ts'
import { listBlobs, setAside } from './aside.ts'
import type { Blobs, ByteRange, Digest, Stored } from './types.ts'

/** Leftovers of killed writers are this old at least before they are cleaned up: nobody writes that long. */
const STALE_MS = 24 * 3600 * 1000

/** A folder of this machine: `<root>/sha256/ab/cd…`, `<root>/incoming` for what is being written, `<root>/aside` for what may go. */
export async function openFolderBlobs(root: string): Promise<Blobs> {
  const incoming = join(root, 'incoming')
  await faulting(root, () => mkdir(incoming, { recursive: true, mode: 0o700 }))
  await removeStale(incoming)
  const pathOf = (digest: Digest) => pathIn(root, digest)
  return {
    put: (content) => faulting(root, () => put(root, incoming, content)),
    get: (digest) => whole(digest, () => readFile(pathOf(digest))),
    stream: (digest, range) => whole(digest, () => openStream(pathOf(digest), range)),
    size: (digest) => sizeOf(pathOf(digest)),
    has: async (digest) => (await sizeOf(pathOf(digest))) !== null,
    list: () => listBlobs(root),
    setAside: async (digest) => setAside(root, pathOf(digest), digest),
    file: (digest) =>
      whole(digest, async () => {
        await stat(pathOf(digest))
        return pathOf(digest)
      }),
  }
}

/** Digests come out of the database, but a wrong one must never name another file. */
function pathIn(root: string, digest: Digest): string {
  const hex = /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1]
  if (hex === undefined) throw new Fault('blob-missing', `"${digest}" is no digest of a blob`)
  return join(root, 'sha256', hex.slice(0, 2), hex.slice(2))
}

async function put(root: string, incoming: string, content: Buffer | Readable): Promise<Stored> {
  const temporary = join(incoming, randomUUID())
  try {
    const stored = await write(temporary, content)
    await publish(temporary, pathIn(root, stored.digest))
    return stored
  } finally {
    await rm(temporary, { force: true })
  }
}

async function write(path: string, content: Buffer | Readable): Promise<Stored> {
  const file = await open(path, 'wx', 0o400)
  try {
    const hash = createHash('sha256')
    let bytes = 0
    for await (const chunk of Buffer.isBuffer(content) ? [content] : content) {
      const part: Buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk)
      hash.update(part)
      bytes += part.length
      await writeWhole(file, part)
    }
    await file.sync()
    return { digest: `sha256:${hash.digest('hex')}`, bytes }
  } finally {
    await file.close()
  }
}

async function writeWhole(file: FileHandle, part: Buffer): Promise<void> {
  for (let offset = 0; offset < part.length; ) {
    offset += (await file.write(part, offset)).bytesWritten
  }
}

/** Gives the file its name in one step. Its folder is synced too, so that the name outlives a power cut as the bytes do. */
async function publish(temporary: string, path: string): Promise<void> {
  const folder = dirname(path)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await rename(temporary, path)
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function openStream(path: string, range: ByteRange | undefined): Promise<Readable> {
  const file = await open(path, 'r')
  return createReadStream('', { fd: file, ...range })
}

async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw error
  }
}

async function removeStale(incoming: string): Promise<void> {
  for (const name of await readdir(incoming)) {
    const path = join(incoming, name)
    // Another process may clean up, or finish, at the same time.
    const found = await stat(path).catch(() => null)
    if (found !== null && Date.now() - found.mtimeMs > STALE_MS) await rm(path, { force: true })
  }
}

async function whole<T>(digest: Digest, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
    throw new Fault('blob-missing', `Blob ${digest} is not in the store`, { cause: error })
  }
}

const NO_ROOM = new Set(['ENOSPC', 'EDQUOT'])

async function faulting<T>(root: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (cause) {
    if (NO_ROOM.has(codeOf(cause))) {
      throw new Fault('disk-full', `No room left for blobs under ${root}`, {
        mend: 'Free space there, or set QUARRY_BLOBS to a larger disk.',
        cause,
      })
    }
    // What the caller's own stream threw is the caller's.
    if (codeOf(cause) === '' || !(cause instanceof Error && 'syscall' in cause)) throw cause
    throw new Fault('blobs', `Blobs under ${root} can't be written: ${messageOf(cause)}`, { cause })
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}
