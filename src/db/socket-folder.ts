import { createHash } from 'node:crypto'
import { lstat, mkdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { UserError } from '../errors.ts'

const SOCKET = '.s.PGSQL.5432'
/** What fits into a Unix socket's address on Linux, in bytes. */
const LONGEST_ADDRESS = 107

/**
 * The private folder of the server's socket: short, whatever the data folder's path is. Made where it is missing.
 * Throws a `UserError` where another account already holds a folder of this name.
 */
export async function socketFolder(root: string): Promise<string> {
  const name = `quarry-${process.getuid?.() ?? 0}-${createHash('sha256').update(root).digest('hex').slice(0, 12)}`
  const preferred = join(tmpdir(), name)
  const folder = Buffer.byteLength(join(preferred, SOCKET)) <= LONGEST_ADDRESS ? preferred : join('/tmp', name)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const found = await lstat(folder)
  if (
    !found.isDirectory() ||
    (found.uid !== process.getuid?.() && process.getuid?.() !== 0) ||
    (found.mode & 0o077) !== 0
  ) {
    throw new UserError(`${folder} belongs to somebody else, or is open to others`, {
      mend: `Remove ${folder}, or set TMPDIR.`,
    })
  }
  return folder
}

/** The socket folder of the server that wrote `postmaster.pid` (its fifth line), which may have had another TMPDIR. */
export async function announcedFolder(data: string): Promise<string | null> {
  const lines = await postmasterLines(data)
  return lines[4] === undefined || lines[4] === '' ? null : lines[4]
}

/** The pid of the server that has this data folder open, or the one it last had. */
export async function postmasterPid(data: string): Promise<number | null> {
  const pid = Number((await postmasterLines(data))[0])
  return Number.isInteger(pid) && pid > 0 ? pid : null
}

async function postmasterLines(data: string): Promise<string[]> {
  try {
    return (await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n').map((line) => line.trim())
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}
