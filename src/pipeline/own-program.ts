import { link, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { isCode } from '../sandboxes/processes.ts'

/**
 * A name of our own for the program that runs us, in a folder of this process: what sandboxes start. Whoever installs packages anew puts another file in its place,
 * which is half written for a while ("Text file busy") or not there; the one that is running nobody can write to, and a second name keeps it. Where
 * the folder is on another disk, or the program somebody else's, it is copied by a process that starts no other: none inherits a way to write to the copy.
 */
export async function keepProgram(program: string, folder: string): Promise<string> {
  const own = join(folder, 'node')
  const file = await realpath(program)
  try {
    await link(file, own)
  } catch (error) {
    if (!isCode(error, 'EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP')) throw error
    await execa('cp', ['--', file, own], { timeout: 60_000 })
  }
  return own
}
