import type { Log } from '../log.ts'
import { type Disk, forgetOnDisk } from './forget-on-disk.ts'
import { repeatedly, type Watch } from './repeatedly.ts'
import type { WorkTrees } from './work-trees.ts'

const EVERY_MS = 60_000

/**
 * Works off what was erased, now and each minute. Where there was something, this process lets go of the trees that it has laid out. Throws
 * what the first time throws; a later failure is met again a minute later, and at the next start at the latest.
 */
export async function watchErasures(disk: Disk, trees: Pick<WorkTrees, 'forget'>, log: Log): Promise<Watch> {
  await forgetOnDisk(disk)
  let seen = await newestErasure(disk)
  return repeatedly(EVERY_MS, log, async () => {
    const newest = await newestErasure(disk)
    if (newest !== seen) await trees.forget()
    seen = newest
    await forgetOnDisk(disk)
  })
}

/** Another process of this machine may have worked it off: what this one keeps to itself is its own to forget. */
async function newestErasure({ db }: Disk): Promise<string> {
  const { rows } = await db.execute<{ newest: string | null }>('select max(id)::text as newest from erasures')
  return rows[0]?.newest ?? ''
}
