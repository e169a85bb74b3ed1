import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

/** No ref update of ours takes so long: a lock that is older belongs to a process that was killed. */
const LOCK_AGE_MS = 5_000
/** No fetch, index or grade lives so long. */
const FILE_AGE_MS = 24 * 3600 * 1000

/**
 * Takes away what a killed git left in a mirror: locks (which would stop every later fetch), half-written packs and scratch
 * folders. Waits for a lock that is young, since its holder may be alive.
 */
export async function clearLeftovers(folder: string): Promise<void> {
  for (const path of await locks(folder)) await removeWhenOld(path)
  for (const [parent, prefix] of [
    ['scratch', 'work-'],
    ['objects/pack', 'tmp_'],
  ] as const) {
    for (const name of await names(join(folder, parent))) {
      const path = join(folder, parent, name)
      if (name.startsWith(prefix) && (await ageOf(path)) > FILE_AGE_MS) await rm(path, { recursive: true, force: true })
    }
  }
}

async function locks(folder: string): Promise<string[]> {
  const places = ['refs', 'objects/info'].map(async (place) => {
    const below = await readdir(join(folder, place), { recursive: true }).catch(nothingThere)
    return below.map((name) => join(place, name))
  })
  const found = [...(await names(folder)), ...(await Promise.all(places)).flat()]
  return found.filter((name) => name.endsWith('.lock')).map((name) => join(folder, name))
}

async function removeWhenOld(path: string): Promise<void> {
  for (let age = await ageOf(path); age > 0; age = await ageOf(path)) {
    if (age > LOCK_AGE_MS) return rm(path, { force: true })
    await wait(Math.min(250, LOCK_AGE_MS - age + 1))
  }
}

/** Milliseconds since the last change; 0 where nothing is there. */
async function ageOf(path: string): Promise<number> {
  try {
    return Math.max(1, Date.now() - (await stat(path)).mtimeMs)
  } catch {
    return 0
  }
}

async function names(folder: string): Promise<string[]> {
  return readdir(folder).catch(nothingThere)
}

/** Refs and scratch folders come and go while they are listed. */
function nothingThere(): string[] {
  return []
}
