import type { Log } from '../log.ts'
import { type Disk, forgetOnDisk } from './forget-on-disk.ts'
import { repeatedly, type Watch } from './repeatedly.ts'

const EVERY_MS = 60_000

/** What a process keeps to itself between jobs. */
export interface Kept {
  forget(): Promise<void>
}

/**
 * Works off what was erased, now and each minute. Where there was something, this process lets go of what it keeps, in turn. Throws
 * what the first time throws; a later failure is met again a minute later, and at the next start at the latest.
 */
export async function watchErasures(disk: Disk, kept: readonly Kept[], log: Log): Promise<Watch> {
  await forgetOnDisk(disk)
  let seen = await newestErasure(disk)
  return repeatedly(EVERY_MS, log, async () => {
    const newest = await newestErasure(disk)
    if (newest !== seen) for (const each of kept) await each.forget()
    seen = newest
    await forgetOnDisk(disk)
  })
}

/** Another process of this machine may have worked it off: what this one keeps to itself is its own to forget. */
async function newestErasure({ db }: Disk): Promise<string> {
  const { rows } = await db.execute<{ newest: string | null }>('select max(id)::text as newest from erasures')
  return rows[0]?.newest ?? ''
}
