import { mkdir, open, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { crc32, inflateRaw } from 'node:zlib'
import pLimit from 'p-limit'
import { Fault } from '../../errors.ts'

const inflate = promisify(inflateRaw)

interface Entry {
  readonly name: string
  readonly method: number
  readonly crc: number
  readonly packed: number
  readonly size: number
  /** Of its local header. */
  readonly at: number
}

const endMark = 0x06054b50
const entryMark = 0x02014b50
const mostBytes = 2 * 1024 * 1024 * 1024

/**
 * Writes the files of a module's zip below `folder`, without `prefix`, those that `isProgram` names executable. Module zips hold plain files only, no
 * modes and no links; anything else, and bytes that are not what the archive says of them, are a Fault.
 */
export async function unpackModule(
  path: string,
  folder: string,
  prefix: string,
  isProgram: (name: string) => boolean,
): Promise<void> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    if (size > mostBytes) throw broken('larger than 2 GiB')
    const bytes = Buffer.alloc(size)
    await file.read(bytes, 0, size, 0)
    const entries = entriesOf(bytes).filter(({ name }) => name.startsWith(prefix) && !name.endsWith('/'))
    const names = entries.map(({ name }) => name.slice(prefix.length))
    const bad = names.find((name) => name.split('/').some((part) => part === '' || part === '.' || part === '..'))
    if (bad !== undefined) throw broken(bad)
    for (const parent of new Set(names.map((name) => dirname(join(folder, name)))))
      await mkdir(parent, { recursive: true })
    const limit = pLimit(16)
    await limit.map(entries, async (entry, at) => {
      const name = names[at] ?? ''
      const mode = isProgram(name) ? 0o755 : 0o644
      await writeFile(join(folder, name), await contentOf(bytes, entry), { mode, flag: 'wx' })
    })
  } finally {
    await file.close()
  }
}

function entriesOf(bytes: Buffer): Entry[] {
  let end = bytes.length - 22
  while (end >= 0 && bytes.readUInt32LE(end) !== endMark) end -= 1
  if (end < 0) throw broken('no directory in it')
  const entries: Entry[] = []
  let at = bytes.readUInt32LE(end + 16)
  for (let count = bytes.readUInt16LE(end + 10); count > 0; count -= 1) {
    if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== entryMark) throw broken('its directory breaks off')
    const nameLength = bytes.readUInt16LE(at + 28)
    entries.push({
      name: bytes.toString('utf8', at + 46, at + 46 + nameLength),
      method: bytes.readUInt16LE(at + 10),
      crc: bytes.readUInt32LE(at + 16),
      packed: bytes.readUInt32LE(at + 20),
      size: bytes.readUInt32LE(at + 24),
      at: bytes.readUInt32LE(at + 42),
    })
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32)
  }
  return entries
}

async function contentOf(bytes: Buffer, entry: Entry): Promise<Buffer> {
  if (entry.at + 30 > bytes.length) throw broken(entry.name)
  const start = entry.at + 30 + bytes.readUInt16LE(entry.at + 26) + bytes.readUInt16LE(entry.at + 28)
  const packed = bytes.subarray(start, start + entry.packed)
  const content = entry.method === 0 ? packed : await inflated(packed, entry)
  if (content.length !== entry.size || crc32(content) !== entry.crc) throw broken(entry.name)
  return content
}

async function inflated(packed: Buffer, { name, size, method }: Entry): Promise<Buffer> {
  if (method !== 8) throw broken(name)
  try {
    return await inflate(packed, { maxOutputLength: Math.max(1, size) })
  } catch (cause) {
    throw broken(name, cause)
  }
}

function broken(what: string, cause?: unknown): Fault {
  return new Fault('toolchain', `a module's archive could not be unpacked: ${what}`, { cause })
}
