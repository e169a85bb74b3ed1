import { syntaxOf } from '../../languages/index.ts'
import type { TreeReader } from '../../model/index.ts'
import { isForeignRange } from './lockfiles/foreign.ts'
import type { Lockfile } from './lockfiles/index.ts'
import type { Manifest } from './manifest.ts'
import type { Package } from './workspaces.ts'

/** Dependencies that no registry has, and whether the tests can do without them. */
export interface ForeignDependencies {
  readonly names: readonly string[]
  /** Those that sources, tests or configuration load, or that the package needs at run time: they can't be left out. */
  readonly needed: readonly string[]
}

const mostFiles = 3000

/** Collects what leads outside the registries: in the manifests of all packages, and in the lockfile at any depth. */
export async function foreignDependencies(
  tree: TreeReader,
  packages: readonly Package[],
  lockfile: Lockfile | null,
): Promise<ForeignDependencies> {
  const declared = packages.flatMap(({ manifest }) => foreignIn(manifest))
  const names = [
    ...new Set([...declared.map(({ name }) => name), ...(lockfile?.foreign ?? []).map(({ name }) => name)]),
  ]
  if (names.length === 0) return { names, needed: [] }
  const atRunTime = new Set(declared.filter(({ kind }) => kind === 'dependencies').map(({ name }) => name))
  const loaded = await loadedModules(tree, names)
  return { names, needed: names.filter((name) => atRunTime.has(name) || loaded.has(name)) }
}

function foreignIn(
  manifest: Manifest,
): readonly { name: string; kind: 'dependencies' | 'devDependencies' | 'optionalDependencies' }[] {
  return (['dependencies', 'devDependencies', 'optionalDependencies'] as const).flatMap((kind) =>
    Object.entries(manifest[kind]).flatMap(([name, range]) => (isForeignRange(range) ? [{ name, kind }] : [])),
  )
}

/** Which of these packages any code file of the tree loads. Only files that hold such a name are parsed. */
export async function loadedModules(tree: TreeReader, names: Iterable<string>): Promise<ReadonlySet<string>> {
  const loaded = new Set<string>()
  const missing = new Set(names)
  const code = tree.paths.filter(
    (path) =>
      syntaxOf(path) !== null &&
      !/(?:^|\/)(?:node_modules|vendor|dist|docs?|examples?|bench(?:mark)?s?)\//.test(path) &&
      !/\.min\.js$/.test(path),
  )
  for (const path of code.slice(0, mostFiles)) {
    if (missing.size === 0) break
    const source = await tree.read(path)
    if (source === null || source.length > 1_000_000) continue
    const held = [...missing].filter(
      (name) => source.includes(`'${name}`) || source.includes(`"${name}`) || source.includes(`\`${name}`),
    )
    if (held.length === 0) continue
    for (const name of (syntaxOf(path)?.imports(source) ?? []).map(packageName)) {
      if (missing.delete(name)) loaded.add(name)
    }
  }
  return loaded
}

/** `@scope/name/deep/file.js` → `@scope/name`. */
function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}
