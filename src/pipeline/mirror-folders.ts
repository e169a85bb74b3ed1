import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ownerIsDead, ownerName } from '../sandboxes/owner.ts'

/** No job goes on for so long after it opened its mirror: a process's mark that is older is of a mirror that nothing in it uses. */
const HELD_MS = 24 * 3600 * 1000

export const mirrorFolder = (home: string, repositoryId: number) => join(home, 'mirrors', `${repositoryId}.git`)
const marksOf = (home: string, repositoryId: number) => join(home, 'mirrors', `${repositoryId}.held`)

/** Tells other processes that this one works in a mirror: before it looks whether the mirror is there, and at each opening anew. */
export async function markMirror(home: string, repositoryId: number): Promise<void> {
  await mkdir(marksOf(home, repositoryId), { recursive: true })
  await writeFile(join(marksOf(home, repositoryId), ownerName()), '')
}

export async function unmarkMirror(home: string, repositoryId: number): Promise<void> {
  await rm(join(marksOf(home, repositoryId), ownerName()), { force: true })
}

/** Whether a living process works, or may work, in a mirror. */
export async function isMirrorHeld(home: string, repositoryId: number): Promise<boolean> {
  const folder = marksOf(home, repositoryId)
  for (const owner of await readdir(folder).catch(() => [])) {
    const mark = await stat(join(folder, owner)).catch(() => null)
    if (mark === null || ownerIsDead(owner, mark.mtime)) continue
    if (Date.now() - mark.mtimeMs < HELD_MS) return true
  }
  return false
}

/** When a process last opened a mirror; when it was made where none did since marks are kept. */
export async function mirrorUsedAt(home: string, repositoryId: number): Promise<Date> {
  const places = [marksOf(home, repositoryId), mirrorFolder(home, repositoryId)]
  const times = await Promise.all(places.map((path) => stat(path).catch(() => null)))
  return new Date(Math.max(0, ...times.map((found) => found?.mtimeMs ?? 0)))
}

/** The ids of the repositories that have a mirror here. */
export async function mirrorsHere(home: string): Promise<number[]> {
  const names = await readdir(join(home, 'mirrors')).catch(() => [])
  return names.flatMap((name) => /^(\d+)\.git$/.exec(name)?.[1] ?? []).map(Number)
}

/** Takes a mirror out of sight in one step. Gives where it is now, or null where there is none. Under the mirror's lease. */
export async function setMirrorAside(home: string, repositoryId: number): Promise<string | null> {
  const aside = join(home, 'mirrors', `.gone-${repositoryId}-${randomUUID()}`)
  return rename(mirrorFolder(home, repositoryId), aside).then(
    () => aside,
    (error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
      throw error
    },
  )
}

/** Removes a mirror, whoever works in it. Under the mirror's lease, so that no fetch fills it meanwhile. */
export async function removeMirror(home: string, repositoryId: number): Promise<void> {
  await setMirrorAside(home, repositoryId)
  await rm(marksOf(home, repositoryId), { recursive: true, force: true })
  await removeRemains(home, repositoryId)
}

/** What killed processes left of a mirror that they removed or had begun to make. Under the mirror's lease. */
export async function removeRemains(home: string, repositoryId: number): Promise<void> {
  const begins = [`.gone-${repositoryId}-`, `.${repositoryId}.git-`]
  for (const name of await readdir(join(home, 'mirrors')).catch(() => [])) {
    if (begins.some((begin) => name.startsWith(begin)))
      await rm(join(home, 'mirrors', name), { recursive: true, force: true })
  }
}
