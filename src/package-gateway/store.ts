import { createHash, randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { zstdCompress, zstdDecompress } from 'node:zlib'
import { z } from 'zod'
import { Fault } from '../errors.ts'
import { encodePackageName } from './package-name.ts'
import { keptPackumentSchema } from './packument.ts'
import type { Fitting, KeptTarball, Packument } from './types.ts'

const compress = promisify(zstdCompress)
const decompress = promisify(zstdDecompress)
const noteSchema = z.object({ sha512: z.string().regex(/^[0-9a-f]{128}$/), bytes: z.number() })

const versionLists = z.record(z.string(), z.array(z.string()))
const fittingSchema = z.object({ hidden: versionLists, shown: versionLists })

/** What the registry says a tarball must be; both null: it does not say. */
export interface ExpectedDigest {
  readonly sha512: string | null
  readonly sha1: string | null
}

/**
 * What gateways have served, on disk, to be served again: packuments by name, tarballs by content. Every file is written
 * aside and renamed into place, so that readers and other processes only ever see whole ones.
 */
export interface PackageStore {
  packument(name: string): Promise<Packument | null>
  keepPackument(packument: Packument): Promise<void>
  fitting(key: string): Promise<Fitting | null>
  keepFitting(key: string, fitting: Fitting): Promise<void>
  tarball(name: string, file: string): Promise<KeptTarball | null>
  /** Throws Fault('registry') where the bytes are not what the registry promised, or too many. */
  keepTarball(name: string, file: string, body: Readable, expected: ExpectedDigest): Promise<KeptTarball>
}

const maximumTarball = 512 * 1024 * 1024

/** Where an owner's own is, below the folder that holds what was served. */
export function ownersFolder(root: string, owner: string): string {
  return join(root, 'owners', encodeURIComponent(owner))
}

/** Removes what was kept for one owner alone: private packages, and the fittings of its installs. */
export async function removeOwnersStore(root: string, owner: string): Promise<void> {
  await rm(ownersFolder(root, owner), { recursive: true, force: true })
}

/** `root`: one folder for what is public, one for each owner's private packages. */
export function openStore(root: string): PackageStore {
  const packumentPath = (name: string) => join(root, 'packuments', `${encodePackageName(name)}.json.zst`)
  const notePath = (name: string, file: string) => join(root, 'tarball-names', encodePackageName(name), `${file}.json`)
  const fittingPath = (key: string) => join(root, 'fittings', `${key}.json`)
  const contentPath = (sha512: string) => join(root, 'tarballs', sha512.slice(0, 2), `${sha512}.tgz`)
  return {
    packument: async (name) => {
      const packed = await readIfThere(packumentPath(name))
      return packed === null ? null : readPackument(packed)
    },
    keepPackument: async (packument) => {
      const packed = await compress(Buffer.from(JSON.stringify(packument)))
      await writeWhole(packumentPath(packument.name), packed)
    },
    fitting: async (key) => {
      const kept = await readIfThere(fittingPath(key))
      return kept === null ? null : (fittingSchema.safeParse(parseJson(kept.toString())).data ?? null)
    },
    keepFitting: (key, fitting) => writeWhole(fittingPath(key), Buffer.from(JSON.stringify(fitting))),
    tarball: async (name, file) => {
      const note = await readIfThere(notePath(name, file))
      const known = note === null ? null : noteSchema.safeParse(parseJson(note.toString()))
      if (known === null || !known.success) return null
      const path = contentPath(known.data.sha512)
      return (await touchIfSize(path, known.data.bytes)) ? { path, ...known.data } : null
    },
    keepTarball: async (name, file, body, expected) => {
      const arrived = await writeAside(join(root, 'tmp'), body)
      try {
        checkDigest(`${name}/-/${file}`, arrived, expected)
        const path = contentPath(arrived.sha512)
        await moveInto(arrived.path, path)
        await writeWhole(
          notePath(name, file),
          Buffer.from(JSON.stringify({ sha512: arrived.sha512, bytes: arrived.bytes })),
        )
        return { path, bytes: arrived.bytes, sha512: arrived.sha512 }
      } finally {
        await rm(arrived.path, { force: true })
      }
    },
  }
}

/** Removes the tarballs longest not served until what is left fits. Gateways fetch again what they miss. Returns the bytes freed. */
export async function pruneStore(root: string, maximumBytes: number): Promise<number> {
  const files = await tarballFiles(root)
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

async function tarballFiles(root: string): Promise<{ path: string; bytes: number; usedAt: number }[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(emptyIfMissing)
  const tarballs = entries.filter((entry) => entry.isFile() && entry.name.endsWith('.tgz'))
  const paths = tarballs.map((entry) => join(entry.parentPath, entry.name))
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
  readonly sha1: string
}

async function writeAside(folder: string, body: Readable): Promise<Arrived> {
  await mkdir(folder, { recursive: true })
  const path = join(folder, randomUUID())
  const sha512 = createHash('sha512')
  const sha1 = createHash('sha1')
  let bytes = 0
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      sha512.update(chunk)
      sha1.update(chunk)
      done(bytes > maximumTarball ? new Fault('registry', 'a package is larger than 512 MiB') : null, chunk)
    },
  })
  try {
    await pipeline(body, measure, createWriteStream(path))
  } catch (error) {
    await rm(path, { force: true })
    throw faultOf(error)
  }
  return { path, bytes, sha512: sha512.digest('hex'), sha1: sha1.digest('hex') }
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

function checkDigest(what: string, arrived: Arrived, expected: ExpectedDigest): void {
  const fits =
    expected.sha512 === null
      ? expected.sha1 === null || expected.sha1 === arrived.sha1
      : expected.sha512 === arrived.sha512
  if (!fits) throw new Fault('registry', `${what} is not what the registry's own digest says`)
}

async function readPackument(packed: Buffer): Promise<Packument | null> {
  // Damaged, or an older Quarry's shape: as good as missing.
  const text = await decompress(packed).catch(() => Buffer.from(''))
  const parsed = keptPackumentSchema.safeParse(parseJson(text.toString()))
  return parsed.success ? parsed.data : null
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // A file that another program damaged is as good as missing.
    return null
  }
}

async function readIfThere(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path)
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

async function touchIfSize(path: string, bytes: number): Promise<boolean> {
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

async function writeWhole(path: string, bytes: Buffer): Promise<void> {
  const aside = `${path}.${randomUUID()}`
  await mkdir(join(path, '..'), { recursive: true })
  await writeFile(aside, bytes)
  await rename(aside, path)
}

async function moveInto(from: string, to: string): Promise<void> {
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
