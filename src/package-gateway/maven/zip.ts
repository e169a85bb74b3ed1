import { inflateRawSync } from 'node:zlib'

/** One file of a zip archive (a jar). */
export interface ZipEntry {
  readonly name: string
  /** As written: archives tell a local time without its zone. Null: none, or the format's own first day, which stands for none. */
  readonly modified: Date | null
  /** Null where it is packed in a way that is not read here, or damaged. */
  read(): Buffer | null
}

const endSignature = 0x06054b50
const entrySignature = 0x02014b50
/** A file whose packed size says nothing of its real one is cut off here. */
const mostBytes = 16 * 1024 * 1024

/** The entries of an archive by its directory at the end; empty for what is no zip archive. */
export function zipEntries(archive: Buffer): readonly ZipEntry[] {
  const end = archive.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]))
  if (end < 0 || end + 22 > archive.length || archive.readUInt32LE(end) !== endSignature) return []
  const entries: ZipEntry[] = []
  let at = archive.readUInt32LE(end + 16)
  while (at + 46 <= archive.length && archive.readUInt32LE(at) === entrySignature) {
    const nameLength = archive.readUInt16LE(at + 28)
    entries.push(entryAt(archive, at, archive.toString('utf8', at + 46, at + 46 + nameLength)))
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32)
  }
  return entries
}

function entryAt(archive: Buffer, at: number, name: string): ZipEntry {
  const method = archive.readUInt16LE(at + 10)
  const packed = archive.readUInt32LE(at + 20)
  const header = archive.readUInt32LE(at + 42)
  return {
    name,
    modified: timeOf(archive.readUInt16LE(at + 12), archive.readUInt16LE(at + 14)),
    read: () => contentOf(archive, header, packed, method),
  }
}

function contentOf(archive: Buffer, header: number, packed: number, method: number): Buffer | null {
  if (header + 30 > archive.length) return null
  const start = header + 30 + archive.readUInt16LE(header + 26) + archive.readUInt16LE(header + 28)
  const content = archive.subarray(start, start + packed)
  if (method === 0) return content
  try {
    return method === 8 ? inflateRawSync(content, { maxOutputLength: mostBytes }) : null
  } catch {
    // Damaged, or too large: as good as not there.
    return null
  }
}

function timeOf(time: number, date: number): Date | null {
  const [year, month, day] = [1980 + (date >> 9), (date >> 5) & 15, date & 31]
  if (year < 1990 || month === 0 || day === 0) return null
  return new Date(Date.UTC(year, month - 1, day, time >> 11, (time >> 5) & 63, (time & 31) * 2))
}
