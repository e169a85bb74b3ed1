import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Whether commands wrote over files that the repository itself holds (built output that git tracks, say), since `since` (a time in
 * milliseconds). `upper`: the folder that holds what was written over `base`; `own`: its paths of before that are the repository's, too.
 */
export async function wroteOver(
  upper: string,
  base: string,
  own: ReadonlySet<string>,
  since: number,
): Promise<boolean> {
  for (const path of await filesBelow(upper)) {
    const { mtimeMs } = await lstat(join(upper, path))
    if (mtimeMs >= since && (own.has(path) || (await exists(join(base, path))))) return true
  }
  return false
}

/** Regular files below a folder, installed packages left out, relative to it. Whiteouts of an overlay are none. */
export async function filesBelow(folder: string): Promise<string[]> {
  const found: string[] = []
  const visit = async (relative: string): Promise<void> => {
    for (const entry of await readdir(join(folder, relative), { withFileTypes: true })) {
      const path = relative === '' ? entry.name : `${relative}/${entry.name}`
      if (entry.isDirectory() && entry.name !== 'node_modules') await visit(path)
      if (entry.isFile()) found.push(path)
    }
  }
  await visit('')
  return found
}

function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}
