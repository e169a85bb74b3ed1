import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '../errors.ts'
import { bytesOf } from './folder-bytes.ts'

const gibibyte = 2 ** 30
/** Kept tarballs only save fetching them again: they may take this much of the disk budget. */
export const shareOfPackages = 0.2
/** Archives of snapshots save making them again: they may take this much. */
export const shareOfArchives = 0.2
/** What unpacked layers need at the least for mining to go on. */
export const leastForLayers = gibibyte

/**
 * What is left of the disk budget for unpacked layers, once everything that can't be made again is counted: mirrors, blobs, kept
 * packages, the database. A full budget stops mining rather than evict any of that: UserError with the mend.
 */
export async function layerBudget(home: string, budget: number): Promise<number> {
  const used = await keptBytes(home)
  if (budget - used >= leastForLayers) return budget - used
  const sizes = `${(used / gibibyte).toFixed(1)} of ${(budget / gibibyte).toFixed(1)} GiB`
  throw new UserError(`the disk budget is full: mirrors, layers of live tasks and logs in ${home} take ${sizes}`, {
    mend: 'raise QUARRY_DISK_BUDGET',
  })
}

/** What a data folder holds beside what can be made again at once. */
export async function keptBytes(home: string): Promise<number> {
  const names = await readdir(home).catch(() => [])
  const kept = names.filter((name) => !['layers', 'work', 'sandboxes'].includes(name)).map((name) => join(home, name))
  return bytesOf(...kept)
}
