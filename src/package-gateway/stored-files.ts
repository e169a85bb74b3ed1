import { createHash, randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Fault } from '../errors.ts'

/** What the registry says a file must be; all null: it does not say. Hexadecimal. */
export interface ExpectedDigest {
  readonly sha512: string | null
  readonly sha256?: string | null
  readonly sha1: string | null
}

const maximumFile = 512 * 1024 * 1024

/** Where an owner's own is, below the folder that holds what was served. */
export function ownersFolder(root: string, owner: string): string {
  return join(root, 'owners', encodeURIComponent(owner))
}

/** Removes what was kept for one owner alone: private packages, and the fittings of its installs. */
export async function removeOwnersStore(root: string, owner: string): Promise<void> {
  await rm(ownersFolder(root, owner), { recursive: true, force: true })
}

/** Removes the packages longest not served until what is left fits. Gateways fetch again what they miss. Returns the bytes freed. */
export async function pruneStore(root: string, maximumBytes: number): Promise<number> {
  const files = await packageFiles(root)
  let total = files.reduce((sum, file) => sum + file.bytes, 0)
  let freed = 0
  for (const file of files.sort((a, b) => a.usedAt - b.usedAt)) {
    if (total <= maximumBytes) break
    await rm(file.path, { force: true })
    total -= file.bytes
    freed += file.bytes
  }
  return freed
}

async function packageFiles(root: string): Promise<{ path: string; bytes: number; usedAt: number }[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(emptyIfMissing)
  const packages = entries.filter((entry) => entry.isFile() && /\.(?:tgz|kept)$/.test(entry.name))
  const paths = packages.map((entry) => join(entry.parentPath, entry.name))
  return Promise.all(paths.map(async (path) => sizeAndUse(path)))
}

async function sizeAndUse(path: string): Promise<{ path: string; bytes: number; usedAt: number }> {
  try {
    const found = await stat(path)
    return { path, bytes: found.size, usedAt: found.mtimeMs }
  } catch (error) {
    // Another process cleans up at the same time.
    if (isMissing(error)) return { path, bytes: 0, usedAt: 0 }
    throw error
  }
}

interface Arrived {
  readonly path: string
  readonly bytes: number
  readonly sha512: string
  readonly sha256: string
  readonly sha1: string
}

/** Writes what arrives into a file of its own below `folder`, with its digests. Throws Fault where it is too large, or breaks off. */
export async function writeAside(folder: string, body: Readable): Promise<Arrived> {
  await mkdir(folder, { recursive: true })
  const path = join(folder, randomUUID())
  const sha512 = createHash('sha512')
  const sha256 = createHash('sha256')
  const sha1 = createHash('sha1')
  let bytes = 0
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      sha512.update(chunk)
      sha256.update(chunk)
      sha1.update(chunk)
      done(bytes > maximumFile ? new Fault('registry', 'a package is larger than 512 MiB') : null, chunk)
    },
  })
  try {
    await pipeline(body, measure, createWriteStream(path))
  } catch (error) {
    await rm(path, { force: true })
    throw faultOf(error)
  }
  return { path, bytes, sha512: sha512.digest('hex'), sha256: sha256.digest('hex'), sha1: sha1.digest('hex') }
}

function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error
  const code = error instanceof Error && 'code' in error ? error.code : null
  return code === 'ENOSPC' || code === 'EDQUOT'
    ? new Fault('disk-full', 'there is no room to keep a package', {
        mend: 'free disk space under QUARRY_HOME',
        cause: error,
      })
    : new Fault('registry', 'a package broke off while it was fetched', { cause: error })
}

/** Throws Fault('registry') where the strongest digest that the registry names is another. */
export function checkDigest(what: string, arrived: Omit<Arrived, 'path' | 'bytes'>, expected: ExpectedDigest): void {
  const strongest = (['sha512', 'sha256', 'sha1'] as const).find((name) => typeof expected[name] === 'string')
  if (strongest !== undefined && expected[strongest] !== arrived[strongest])
    throw new Fault('registry', `${what} is not what the registry's own digest says`)
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // A file that another program damaged is as good as missing.
    return null
  }
}

export async function readIfThere(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path)
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

export async function touchIfSize(path: string, bytes: number): Promise<boolean> {
  try {
    const found = await stat(path)
    const now = new Date()
    if (now.getTime() - found.mtimeMs > 60_000) await utimes(path, now, now)
    return found.size === bytes
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}

export async function writeWhole(path: string, bytes: Buffer): Promise<void> {
  const aside = `${path}.${randomUUID()}`
  await mkdir(join(path, '..'), { recursive: true })
  await writeFile(aside, bytes)
  await rename(aside, path)
}

export async function moveInto(from: string, to: string): Promise<void> {
  await mkdir(join(to, '..'), { recursive: true })
  await rename(from, to)
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

function emptyIfMissing(error: unknown): [] {
  if (isMissing(error)) return []
  throw error
}
