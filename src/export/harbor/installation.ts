import { type Ecosystem, ecosystemsNamed } from '../../ecosystems/index.ts'
import { type Mirror, openTree } from '../../git/index.ts'
import type { Strategy, TreeReader } from '../../model/index.ts'
import type { FullTask } from '../../query/tasks.ts'
import type { ExportSources } from '../types.ts'
import type { InstallSettings } from './settings.ts'

type Files = readonly { readonly path: string; readonly content: string | null }[]

/**
 * How a task's dependencies are installed anew as they were when it was validated: from the after-state's manifests and lockfiles,
 * with the strategy's own files over them, by its commands, as of its date.
 */
export async function installSettings(
  task: FullTask,
  mirror: Mirror,
  sources: Pick<ExportSources, 'blob'>,
): Promise<InstallSettings> {
  const { tests: _, overrides: stored, ...strategy } = task.strategy
  const after = await openTree(mirror, task.snapshot.afterTree)
  const base = await openTree(mirror, task.snapshot.baseTree)
  const ecosystems = ecosystemsNamed(strategy.ecosystem)
  const all = async <T>(ask: (ecosystem: Ecosystem) => Promise<readonly T[]>) =>
    (await Promise.all(ecosystems.map(ask))).flat()
  const overrides = await textsOf(stored, sources)
  const own = new Set(overrides.map(({ path }) => path))
  const keyPaths = (tree: TreeReader) => all((ecosystem) => ecosystem.keyPaths(tree))
  const keys = await changedKeys(await keyPaths(after), await keyPaths(base), base, after)
  return {
    task: task.name,
    baseTree: task.snapshot.baseTree,
    tag: task.snapshot.tag,
    strategy,
    files: [...keys.filter(({ path }) => !own.has(path)), ...overrides],
    needs: await all((ecosystem) => ecosystem.needs(overlaid(after, overrides))),
    layers: await Promise.all(
      ecosystems.map(async (ecosystem) => ({
        kept: ecosystem.layerPaths,
        derived: await ecosystem.derivedPaths(after),
      })),
    ),
    tracked: [...new Set([...base.paths, ...after.paths, ...own])].sort(),
  }
}

/** A stored strategy names its files' contents by their digests. */
async function textsOf(overrides: Strategy['overrides'], { blob }: Pick<ExportSources, 'blob'>): Promise<Files> {
  const isDigest = (text: string): text is `sha256:${string}` => /^sha256:[0-9a-f]{64}$/.test(text)
  return Promise.all(
    overrides.map(async ({ path, content }) => ({
      path,
      content: content === null || !isDigest(content) ? content : (await blob(content)).toString('utf8'),
    })),
  )
}

/** Files that the install reads, where the fix or the tests changed them. */
async function changedKeys(
  inAfter: readonly string[],
  inBase: readonly string[],
  base: TreeReader,
  after: TreeReader,
): Promise<Files> {
  const paths = [...new Set([...inAfter, ...inBase])].filter((path) => base.blobOf(path) !== after.blobOf(path)).sort()
  return Promise.all(paths.map(async (path) => ({ path, content: await after.read(path) })))
}

function overlaid(tree: TreeReader, files: Files): TreeReader {
  const laid = new Map(files.map(({ path, content }) => [path, content]))
  return { ...tree, read: async (path) => (laid.has(path) ? (laid.get(path) ?? null) : tree.read(path)) }
}
