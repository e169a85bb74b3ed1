import type { TreeReader } from '../../model/index.ts'
import { isTable, readToml, tomlAt } from '../../test-frameworks/python-settings.ts'
import { packageName } from './requirement-texts.ts'

export interface PythonLockfile {
  readonly path: string
  /** Name → the one version that it locks; a package with several, each for another platform, is in none. */
  readonly versions: ReadonlyMap<string, string>
}

const readers: Readonly<Record<string, (text: string) => readonly (readonly [string, string])[] | null>> = {
  'uv.lock': packagesOfToml,
  'poetry.lock': packagesOfToml,
  'pdm.lock': packagesOfToml,
  'pylock.toml': packagesOfToml,
  'Pipfile.lock': packagesOfPipfile,
}

/**
 * The root's lockfile: the first of uv's, Poetry's, PDM's, the standard's and Pipenv's that can be read. `own`: the project itself, which
 * is installed from its folder and locked to no version.
 */
export async function readLockfile(tree: TreeReader, own: string | null): Promise<PythonLockfile | null> {
  for (const [path, read] of Object.entries(readers)) {
    const packages = tree.has(path) ? read((await tree.read(path)) ?? '') : null
    const others = packages?.filter(([name]) => name !== own) ?? []
    if (others.length > 0) return { path, versions: single(others) }
  }
  return null
}

/**
 * A lockfile as constraints: whatever the manifests ask for comes in the locked version, by whichever tool resolves it. Packages that only a
 * git host or a folder has are not constrained.
 */
export function constraintsOf({ versions }: PythonLockfile): string {
  return [...versions].map(([name, version]) => `${name}==${version}\n`).join('')
}

function packagesOfToml(text: string): readonly (readonly [string, string])[] | null {
  const document = readToml(text)
  const list = tomlAt(document, 'package') ?? tomlAt(document, 'packages')
  if (!Array.isArray(list)) return null
  return list.flatMap((each: unknown) => {
    const [name, version] = [tomlAt(each, 'name'), tomlAt(each, 'version')]
    if (typeof name !== 'string' || typeof version !== 'string' || !fromIndex(each)) return []
    return [[packageName(name), version] as const]
  })
}

function fromIndex(each: unknown): boolean {
  const source = tomlAt(each, 'source')
  if (isTable(source)) {
    if (['git', 'directory', 'editable', 'virtual', 'path', 'url'].some((key) => key in source)) {
      return typeof source.type === 'string' && source.type === 'legacy'
    }
    return true
  }
  return !['vcs', 'directory', 'git', 'path', 'archive'].some((key) => tomlAt(each, key) !== undefined)
}

function packagesOfPipfile(text: string): readonly (readonly [string, string])[] | null {
  let document: unknown = null
  try {
    document = JSON.parse(text)
  } catch {
    // A broken lockfile is as good as none.
    return null
  }
  return ['default', 'develop'].flatMap((section) => {
    const table = tomlAt(document, section)
    return Object.entries(isTable(table) ? table : {}).flatMap(([name, value]) => {
      const version = tomlAt(value, 'version')
      return typeof version === 'string' ? [[packageName(name), version.replace(/^==/, '')] as const] : []
    })
  })
}

function single(packages: readonly (readonly [string, string])[]): ReadonlyMap<string, string> {
  const found = new Map<string, string | null>()
  for (const [name, version] of packages) {
    const known = found.get(name)
    found.set(name, known === undefined || known === version ? version : null)
  }
  return new Map([...found].flatMap(([name, version]) => (version === null ? [] : [[name, version] as const])))
}
