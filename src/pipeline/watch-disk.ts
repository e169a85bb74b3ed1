import { statfs } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename } from 'node:path'
import { eq, sql } from 'drizzle-orm'
import { execa } from 'execa'
import type { Db } from '../db/connect.ts'
import { disks } from '../db/schema.ts'
import { noteMachine } from '../erasure/machines.ts'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { machineId } from './machine-id.ts'
import { repeatedly, type Watch } from './repeatedly.ts'

const EVERY_MS = 60_000
/** Going through every file of a large data folder takes a while. */
const PARTS_EVERY_MS = 15 * 60_000
const PARTS_SECONDS = 600

export interface WatchedDisk {
  readonly home: string
  readonly db: Db
  /** Bytes that the data folder may take. */
  readonly budget: number
}

/** Stores what the disk of this machine's data folder has left and what takes it, from now on each minute. */
export function watchDisk(disk: WatchedDisk, log: Log): Watch {
  const stopped = new AbortController()
  const watch = repeatedly(EVERY_MS, log, () => noteDisk(disk, stopped.signal))
  // A start does not wait for it.
  const first = noteDisk(disk, stopped.signal).catch((error: unknown) => {
    if (!stopped.signal.aborted) log.warn({ error: messageOf(error) }, 'the disk could not be measured')
  })
  return {
    async stop() {
      stopped.abort()
      await first
      await watch.stop()
    },
  }
}

/** Stores it once. The parts are measured where no process of this machine did so within a quarter of an hour. */
export async function noteDisk({ home, db, budget }: WatchedDisk, signal?: AbortSignal): Promise<void> {
  const id = await machineId(home)
  await noteMachine(db, id, hostname())
  const { bavail, blocks, bsize } = await statfs(home)
  const measured = { free: bavail * bsize, size: blocks * bsize, budget, measuredAt: new Date() }
  await db
    .insert(disks)
    .values({ machineId: id, ...measured })
    .onConflictDoUpdate({ target: disks.machineId, set: measured })
  const [known] = await db.select({ at: disks.partsMeasuredAt }).from(disks).where(eq(disks.machineId, id))
  if (known?.at != null && Date.now() - known.at.getTime() < PARTS_EVERY_MS) return
  const parts = await measureParts(home, signal)
  await db.update(disks).set({ parts, partsMeasuredAt: sql`now()` }).where(eq(disks.machineId, id))
}

/** Bytes by the folders right in the data folder, and `other` for what else is in it. */
async function measureParts(home: string, signal?: AbortSignal): Promise<Record<string, number>> {
  const options = signal === undefined ? {} : { cancelSignal: signal }
  // Files come and go meanwhile, of which `du` complains.
  const { stdout } = await execa('nice', ['du', '--one-file-system', '--block-size=1', '--max-depth=1', home], {
    ...{ reject: false, timeout: PARTS_SECONDS * 1000, maxBuffer: 1 << 20 },
    ...options,
  })
  signal?.throwIfAborted()
  const sizes = stdout.split('\n').flatMap((line) => {
    const [, bytes = '', path = ''] = /^(\d+)\t(.+)$/.exec(line) ?? []
    return path === '' ? [] : [{ path, bytes: Number(bytes) }]
  })
  const total = sizes.find(({ path }) => path === home)?.bytes ?? 0
  const folders = sizes.filter(({ path }) => path !== home)
  const other = total - folders.reduce((sum, { bytes }) => sum + bytes, 0)
  return Object.fromEntries([...folders.map(({ path, bytes }) => [basename(path), bytes] as const), ['other', other]])
}
