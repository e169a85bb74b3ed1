import { lutimes, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** The one time stamp that a packed layer's files have. */
const packedAt = new Date(1_000_000_000_000)

/**
 * Takes out of a folder everything that is not in `kept` (paths relative to it), so that it is what packing those paths and
 * unpacking them would give, time stamps included.
 */
export async function pruneTo(folder: string, kept: ReadonlySet<string>): Promise<void> {
  const visit = async (relative: string): Promise<void> => {
    for (const entry of await readdir(join(folder, relative), { withFileTypes: true })) {
      const path = relative === '' ? entry.name : `${relative}/${entry.name}`
      if (!kept.has(path)) {
        await rm(join(folder, path), { recursive: true, force: true })
        continue
      }
      if (entry.isDirectory()) await visit(path)
      await lutimes(join(folder, path), packedAt, packedAt)
    }
  }
  await visit('')
}
