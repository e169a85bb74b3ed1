import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { zstdCompress, zstdDecompress } from 'node:zlib'
import pLimit from 'p-limit'
import { z } from 'zod'
import { Fault } from '../errors.ts'
import type { RegistryClient } from './client.ts'
import { readBody } from './read-body.ts'
import { sharing } from './sharing.ts'
import {
  checkDigest,
  type ExpectedDigest,
  moveInto,
  ownersFolder,
  parseJson,
  readIfThere,
  touchIfSize,
  writeAside,
  writeWhole,
} from './stored-files.ts'

const compress = promisify(zstdCompress)
const decompress = promisify(zstdDecompress)

/** A page of an index: small, and read here. */
export interface KeptDocument {
  readonly body: Buffer
  readonly type: string | null
  /** Milliseconds. */
  readonly fetchedAt: number
  /** When the upstream says that it was last changed; null: it does not say. */
  readonly modified: number | null
}

/** A package's file: large, and handed on as it is. */
export interface KeptFile {
  /** Absolute path of the file in the store. */
  readonly path: string
  readonly bytes: number
  /** Hexadecimal. */
  readonly sha256: string
  readonly modified: number | null
}

export interface DocumentWish {
  /** A copy that was fetched after this time will do; null: one of the last hour. `never-changes`: any copy will do. */
  readonly asOf: Date | null | 'never-changes'
  readonly accept?: string
}

/** One owner's registries of one protocol, with what was kept of them. */
export interface KeptUpstream {
  /** Base addresses, ending in `/`. */
  readonly registries: readonly string[]
  /** Null: the upstream has no such thing. Throws Fault('registry') where it does not answer and nothing is kept. */
  document(address: string, wish: DocumentWish): Promise<KeptDocument | null>
  /**
   * Fetched once and kept for good. Only addresses below a registry, or such as a registry's own index names, may be asked for. Throws
   * Fault('registry') where the bytes are not what `expected` says.
   */
  file(address: string, expected: ExpectedDigest | null): Promise<KeptFile | null>
}

const documentNote = z.object({
  body: z.string(),
  type: z.string().nullable(),
  fetchedAt: z.number(),
  modified: z.number().nullable(),
})
const fileNote = z.object({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.number(),
  modified: z.number().nullable(),
})
const maximumMebibytes = 128
const freshMilliseconds = 3_600_000

/**
 * What a client fetched, on disk, to be served again: below `root` in `public`, or with the owner where their own credential opened
 * it. Callers who ask for the same thing at once share one fetch; what is kept serves while the upstream is down.
 */
export function keepUpstream(
  client: RegistryClient,
  {
    registries,
    root,
    owner,
  }: { readonly registries: readonly string[]; readonly root: string; readonly owner: string },
): KeptUpstream {
  const limit = pLimit(16)
  const documents = sharing<KeptDocument | null>()
  const files = sharing<KeptFile | null>()
  const folderOf = (address: string) => (client.isPrivate(address) ? ownersFolder(root, owner) : join(root, 'public'))

  async function refresh(address: string, accept: string | undefined, kept: KeptDocument | null, path: string) {
    try {
      const fetched = await limit(() => client.get(address, accept))
      if (fetched === null) return null
      const body = await readBody(fetched.body, address, maximumMebibytes)
      const document = { body, type: fetched.type, fetchedAt: Date.now(), modified: fetched.modified }
      await writeWhole(path, await compress(JSON.stringify({ ...document, body: body.toString('base64') })))
      return document
    } catch (error) {
      if (kept !== null && error instanceof Fault) return kept
      throw error
    }
  }

  async function fetchFile(address: string, expected: ExpectedDigest | null, note: string): Promise<KeptFile | null> {
    const folder = folderOf(address)
    const fetched = await limit(() => client.get(address, '*/*'))
    if (fetched === null) return null
    const arrived = await writeAside(join(folder, 'tmp'), fetched.body)
    checkDigest(address, arrived, expected ?? { sha512: null, sha1: null })
    const { sha256, bytes } = arrived
    const path = contentPath(folder, sha256)
    await moveInto(arrived.path, path)
    await writeWhole(note, Buffer.from(JSON.stringify({ sha256, bytes, modified: fetched.modified })))
    return { path, bytes, sha256, modified: fetched.modified }
  }

  return {
    registries,
    document: (address, { asOf, accept }) =>
      documents(`${address} ${accept ?? ''} ${String(asOf)}`, async () => {
        const path = join(folderOf(address), 'documents', `${hashed(`${accept ?? ''} ${address}`)}.json.zst`)
        const kept = await readDocument(path)
        return kept !== null && serves(kept, asOf) ? kept : refresh(address, accept, kept, path)
      }),
    file: (address, expected) =>
      files(address, async () => {
        const folder = folderOf(address)
        const note = join(folder, 'file-names', `${hashed(address)}.json`)
        const known = fileNote.safeParse(parseJson((await readIfThere(note))?.toString() ?? ''))
        const path = known.success ? contentPath(folder, known.data.sha256) : ''
        if (known.success && (await touchIfSize(path, known.data.bytes))) return { path, ...known.data }
        return fetchFile(address, expected, note)
      }),
  }
}

function contentPath(folder: string, sha256: string): string {
  return join(folder, 'files', sha256.slice(0, 2), `${sha256}.kept`)
}

function hashed(text: string): string {
  const digest = createHash('sha256').update(text).digest('hex')
  return join(digest.slice(0, 2), digest)
}

function serves(kept: KeptDocument, asOf: DocumentWish['asOf']): boolean {
  if (asOf === 'never-changes') return true
  if (asOf !== null && kept.fetchedAt > asOf.getTime()) return true
  return Date.now() - kept.fetchedAt < freshMilliseconds
}

async function readDocument(path: string): Promise<KeptDocument | null> {
  const packed = await readIfThere(path)
  if (packed === null) return null
  // Damaged, or an older Quarry's shape: as good as missing.
  const text = await decompress(packed).catch(() => Buffer.from(''))
  const parsed = documentNote.safeParse(parseJson(text.toString()))
  return parsed.success ? { ...parsed.data, body: Buffer.from(parsed.data.body, 'base64') } : null
}
