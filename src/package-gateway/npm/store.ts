import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { zstdCompress, zstdDecompress } from 'node:zlib'
import { z } from 'zod'
import {
  checkDigest,
  type ExpectedDigest,
  moveInto,
  parseJson,
  readIfThere,
  touchIfSize,
  writeAside,
  writeWhole,
} from '../stored-files.ts'
import { encodePackageName } from './package-name.ts'
import { keptPackumentSchema } from './packument.ts'
import type { Fitting, KeptTarball, Packument } from './types.ts'

const compress = promisify(zstdCompress)
const decompress = promisify(zstdDecompress)
const noteSchema = z.object({ sha512: z.string().regex(/^[0-9a-f]{128}$/), bytes: z.number() })

const versionLists = z.record(z.string(), z.array(z.string()))
const fittingSchema = z.object({ hidden: versionLists, shown: versionLists })

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

async function readPackument(packed: Buffer): Promise<Packument | null> {
  // Damaged, or an older Quarry's shape: as good as missing.
  const text = await decompress(packed).catch(() => Buffer.from(''))
  const parsed = keptPackumentSchema.safeParse(parseJson(text.toString()))
  return parsed.success ? parsed.data : null
}
