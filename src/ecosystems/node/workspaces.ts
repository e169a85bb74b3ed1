import picomatch from 'picomatch'
import { safeYaml } from '../../ci/values.ts'
import type { TreeReader } from '../../model/index.ts'
import { installed, isRecord, type Manifest, parseJson, parseManifest, readManifest } from './manifest.ts'

/** One package of the repository: the root's or a workspace's. */
export interface Package {
  /** Relative to the root; `.` for the root. */
  readonly directory: string
  readonly manifest: Manifest
}

/** The root package first, then the workspaces in path order. Empty where there is no readable package.json at the root. */
export async function readPackages(tree: TreeReader): Promise<readonly Package[]> {
  const root = await readManifest(tree, '.')
  if (root === null) return []
  const packages: Package[] = [{ directory: '.', manifest: root }]
  const globs = await workspaceGlobs(tree, root)
  if (globs.length === 0) return packages
  const wanted = matcher(globs)
  for (const path of [...tree.paths].sort()) {
    if (!path.endsWith('/package.json') || path.includes('node_modules/')) continue
    const directory = path.slice(0, -'/package.json'.length)
    if (!wanted(directory)) continue
    const manifest = parseManifest((await tree.read(path)) ?? '')
    if (manifest !== null) packages.push({ directory, manifest })
  }
  return packages
}

async function workspaceGlobs(tree: TreeReader, root: Manifest): Promise<readonly string[]> {
  const declared = isRecord(root.workspaces) ? root.workspaces.packages : root.workspaces
  if (Array.isArray(declared)) return declared.filter((glob) => typeof glob === 'string')
  const pnpm = await tree.read('pnpm-workspace.yaml')
  if (pnpm !== null) return listIn(safeYaml(pnpm), 'packages')
  const lerna = await tree.read('lerna.json')
  return lerna === null ? [] : listIn(parseJson(lerna), 'packages')
}

function listIn(value: unknown, key: string): string[] {
  const list = isRecord(value) ? value[key] : undefined
  return Array.isArray(list) ? list.filter((item) => typeof item === 'string') : []
}

function matcher(globs: readonly string[]): (directory: string) => boolean {
  const clean = (glob: string): string =>
    glob
      .replace(/^!/, '')
      .replace(/^\.\//, '')
      .replace(/\/(?:package\.json)?$/, '')
  const included = globs.filter((glob) => !glob.startsWith('!')).map((glob) => picomatch(clean(glob)))
  const excluded = globs.filter((glob) => glob.startsWith('!')).map((glob) => picomatch(clean(glob)))
  return (directory) => included.some((match) => match(directory)) && !excluded.some((match) => match(directory))
}

/** The innermost package that holds a path. */
export function packageOf(packages: readonly Package[], path: string): Package | null {
  let found: Package | null = null
  for (const candidate of packages) {
    const inside = candidate.directory === '.' || path.startsWith(`${candidate.directory}/`)
    if (inside && (found === null || candidate.directory.length > found.directory.length || found.directory === '.'))
      found = candidate
  }
  return found
}

/** The packages that hold at least one of the paths, in path order; the root only where nothing inner holds a path. */
export function touched(packages: readonly Package[], paths: readonly string[]): readonly Package[] {
  const hit = new Set(paths.map((path) => packageOf(packages, path)))
  return packages.filter((candidate) => hit.has(candidate))
}

/** Workspace packages that `of` need, directly or not, dependencies first; `of` themselves left out. */
export function workspaceDependencies(packages: readonly Package[], of: readonly Package[]): readonly Package[] {
  const byName = new Map(
    packages.flatMap((each) => (each.manifest.name === undefined ? [] : [[each.manifest.name, each] as const])),
  )
  const ordered: Package[] = []
  const seen = new Set<Package>(of)
  const visit = (each: Package, own: boolean): void => {
    for (const name of Object.keys({ ...installed(each.manifest), ...each.manifest.peerDependencies })) {
      const dependency = byName.get(name)
      if (dependency === undefined || seen.has(dependency)) continue
      seen.add(dependency)
      visit(dependency, false)
    }
    if (!own) ordered.push(each)
  }
  for (const each of of) visit(each, true)
  return ordered
}
