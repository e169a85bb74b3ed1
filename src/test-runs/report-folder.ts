import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { mkdir, open, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const maximumBytes = 256 * 1024 * 1024
const maximumFiles = 1000
/** What is put in, and is no reporter's. */
const given = new Set(['nonce', 'deadline'])

/** The folder mounted at /quarry/report: the run's secret and deadline go in, the reporter's lines come out. */
export interface ReportFolder {
  readonly folder: string
  readonly nonce: string
  /**
   * What was written, name → bytes. The folder was writable to untrusted code: only plain files are read, never through
   * a link, and not more than 256 MiB in all.
   */
  read(): Promise<Map<string, Buffer>>
  remove(): Promise<void>
}

/** `deadline`: when the run has to be over, in milliseconds since 1970, for reporters that tell results late. */
export async function makeReportFolder(folder: string, deadline: number): Promise<ReportFolder> {
  await mkdir(folder, { recursive: true, mode: 0o755 })
  const nonce = randomBytes(16).toString('hex')
  await writeFile(join(folder, 'deadline'), String(deadline))
  await writeFile(join(folder, 'nonce'), nonce)
  return {
    folder,
    nonce,
    read: () => readPlainFiles(folder),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

async function readPlainFiles(folder: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>()
  let left = maximumBytes
  const entries = await readdir(folder, { withFileTypes: true })
  for (const entry of entries.slice(0, maximumFiles)) {
    if (!entry.isFile() || given.has(entry.name)) continue
    const content = await readAtMost(join(folder, entry.name), left)
    if (content === null) continue
    left -= content.length
    files.set(entry.name, content)
  }
  return files
}

/** Null where the name is by now a link, a pipe or anything but a plain file. */
async function readAtMost(path: string, limit: number): Promise<Buffer | null> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(() => null)
  if (file === null) return null
  try {
    const { size } = await file.stat()
    const buffer = Buffer.alloc(Math.min(size, limit))
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}
