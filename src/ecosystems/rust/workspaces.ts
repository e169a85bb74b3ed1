import { posix } from 'node:path'
import picomatch from 'picomatch'
import { isTable, isWithin, type Manifest, tableAt, textsAt } from './manifest.ts'

/** What cargo builds as one, with one lockfile. */
export interface Workspace {
  /** Where its lockfile is; relative to the root, "." for the root. */
  readonly directory: string
  readonly root: Manifest
  /** Its packages. */
  readonly members: readonly Manifest[]
}

/** The workspaces that hold these paths, the one with most of them first; the outermost where none does. */
export function workspacesOf(manifests: readonly Manifest[], paths: readonly string[]): readonly Workspace[] {
  const counts = new Map<Manifest, number>()
  for (const path of paths) {
    const home = manifests.findLast(
      (manifest) => manifest.package !== null && isWithin(posix.dirname(path), manifest.directory),
    )
    if (home === undefined) continue
    const root = rootOf(manifests, home)
    counts.set(root, (counts.get(root) ?? 0) + 1)
  }
  const roots = [...counts].toSorted((a, b) => b[1] - a[1]).map(([root]) => root)
  const [outermost] = manifests
  const chosen = roots.length > 0 || outermost === undefined ? roots : [outermost]
  return chosen.map((root) => ({
    directory: root.directory,
    root,
    members: manifests.filter((each) => each.package !== null && rootOf(manifests, each) === root),
  }))
}

/** The manifest of a package's workspace: its own, or the nearest above that takes it for a member. */
function rootOf(manifests: readonly Manifest[], home: Manifest): Manifest {
  if (isTable(home.table.workspace)) return home
  const above = manifests.filter(
    (each) => each !== home && isTable(each.table.workspace) && isWithin(home.directory, each.directory),
  )
  return above.findLast((root) => holds(root, home)) ?? home
}

/** Members are named by globs, or depended on by their paths from another member; what is excluded is none. */
function holds(root: Manifest, home: Manifest): boolean {
  const workspace = tableAt(root.table, 'workspace')
  const inner = posix.relative(root.directory, home.directory)
  const isNamed = (names: readonly string[]) =>
    names.some((name) => picomatch.isMatch(inner, posix.normalize(name).replace(/\/$/, '')))
  if (textsAt(workspace, 'exclude').some((name) => isWithin(inner, posix.normalize(name).replace(/\/$/, ''))))
    return false
  if (isNamed(textsAt(workspace, 'members'))) return true
  return dependencyPaths(root).includes(home.directory)
}

/** Folders that a manifest depends on by their paths, relative to the root. */
export function dependencyPaths({ directory, table }: Manifest): readonly string[] {
  return dependencyTables(table).flatMap((dependencies) =>
    Object.values(dependencies).flatMap((each) =>
      isTable(each) && typeof each.path === 'string' ? [posix.join(directory, each.path).replace(/\/$/, '')] : [],
    ),
  )
}

/** Every table of dependencies in a manifest: normal, of tests and of builds, of a target, of the workspace. */
export function dependencyTables(table: Manifest['table']): readonly Manifest['table'][] {
  const kinds = ['dependencies', 'dev-dependencies', 'dev_dependencies', 'build-dependencies', 'build_dependencies']
  const holders = [table, ...Object.values(tableAt(table, 'target')).filter(isTable)]
  return [
    ...holders.flatMap((holder) => kinds.map((kind) => tableAt(holder, kind))),
    tableAt(table, 'workspace', 'dependencies'),
  ]
}
