import { readSettings, runSecondsFor } from '../consent/index.ts'
import type { RepositoryRow } from '../db/candidates.ts'
import type { Mirror } from '../git/index.ts'
import { type RepositorySettings, settingsPath, type TreeSettings } from '../model/index.ts'

/** What is in force, where it has no mistakes; null: nothing is known, and only a tree's own file speaks. */
export function settingsOf({ settings }: RepositoryRow): RepositorySettings | null {
  return settings !== null && 'settings' in settings ? settings.settings : null
}

/** The tree's own `.github/quarry.yml`, as text; null where it has none. */
async function fileAt(mirror: Mirror, treeish: string): Promise<string | null> {
  const held = await mirror.objects.read(`${treeish}:${settingsPath}`)
  return held?.type === 'blob' ? held.content.toString('utf8') : null
}

/**
 * How the state in `treeish` is installed and tested, and what its paths are for: by its own file, where it has one; else by `stored`, the
 * settings in force on the default branch now (null: none are known).
 */
export async function settingsAt(
  mirror: Mirror,
  treeish: string,
  stored: RepositorySettings | null,
): Promise<TreeSettings> {
  const text = await fileAt(mirror, treeish)
  const read = text === null ? { settings: stored ?? {} } : readSettings(text)
  if ('problems' in read) return { environment: null, paths: null, problems: read.problems }
  const { environment, paths } = read.settings
  return {
    environment: environment ?? null,
    paths: paths === undefined ? null : { test: paths.test ?? [], ignore: paths.ignore ?? [] },
    problems: [],
  }
}

/**
 * Seconds that a run may take: by the settings in force on the default branch now; where none are known (the command line), by the tree's own
 * file. A file with mistakes shortens nothing.
 */
export async function runSecondsAt(
  mirror: Mirror,
  treeish: string,
  stored: RepositorySettings | null,
  operatorSeconds: number,
): Promise<number> {
  if (stored !== null) return runSecondsFor(stored, operatorSeconds)
  const text = await fileAt(mirror, treeish)
  const read = text === null ? null : readSettings(text)
  return runSecondsFor(read !== null && 'settings' in read ? read.settings : null, operatorSeconds)
}
