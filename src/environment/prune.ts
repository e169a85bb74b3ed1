import { lutimesSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { LayerContent } from './layer-archive.ts'

/** The one time stamp that a packed layer's files have. */
const packedAt = new Date(1_000_000_000_000)

/** A call takes some microseconds, and asking another thread for it many times that: so many are made between two turns. */
const AT_ONCE = 256

/** Makes a folder what packing its layer's content and unpacking that would give, time stamps included. */
export async function pruneTo(folder: string, { kept, left }: LayerContent): Promise<void> {
  await Promise.all(left.map((path) => rm(join(folder, path), { recursive: true, force: true })))
  for (let at = 0; at < kept.length; at += AT_ONCE) {
    for (const path of kept.slice(at, at + AT_ONCE)) lutimesSync(join(folder, path), packedAt, packedAt)
    await setImmediate()
  }
}
