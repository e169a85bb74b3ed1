import { isTable, isWithin, type Manifest, type Table, tableAt, textAt, textsAt } from './manifest.ts'
import { dependencyPaths, type Workspace } from './workspaces.ts'

/** A crate that a manifest takes from a git host, which the gateway does not lead to. */
export interface GitDependency {
  /** The crate's own name. */
  readonly name: string
  readonly url: string
  /** Which commit is meant: `branch`, `tag` or `rev` and its value; null: the newest. */
  readonly reference: readonly [kind: 'branch' | 'tag' | 'rev', value: string] | null
  /** As the manifest asks for it; null: any. */
  readonly requirement: string | null
  readonly features: readonly string[]
  readonly kind: 'normal' | 'build' | 'dev' | 'patch'
  /** It is there only with a feature of the crate that depends on it. */
  readonly optional: boolean
  /** Who depends on it: a crate's name, else the manifest's path. */
  readonly by: string
  readonly directory: string
}

const tables: readonly (readonly [name: string, kind: GitDependency['kind']])[] = [
  ['dependencies', 'normal'],
  ['dev-dependencies', 'dev'],
  ['dev_dependencies', 'dev'],
  ['build-dependencies', 'build'],
  ['build_dependencies', 'build'],
]

/** All that a workspace takes from git hosts, in its root and its members. */
export function gitDependencies({ root, members }: Workspace): readonly GitDependency[] {
  const shared = tableAt(root.table, 'workspace', 'dependencies')
  const manifests = [...new Set([root, ...members])]
  const used = manifests.flatMap((manifest) =>
    [manifest.table, ...Object.values(tableAt(manifest.table, 'target')).filter(isTable)].flatMap((holder) =>
      tables.flatMap(([name, kind]) => gitIn(tableAt(holder, name), shared, kind, manifest)),
    ),
  )
  const patches = [...Object.values(tableAt(root.table, 'patch')).filter(isTable), tableAt(root.table, 'replace')]
  return [...used, ...patches.flatMap((patched) => gitIn(patched, {}, 'patch', root))]
}

function gitIn(
  dependencies: Table,
  shared: Table,
  kind: GitDependency['kind'],
  { package: by, path, directory, table }: Manifest,
): readonly GitDependency[] {
  return Object.entries(dependencies).flatMap(([key, own]): readonly GitDependency[] => {
    if (!isTable(own)) return []
    const stated = own.workspace === true ? tableAt(shared, key) : own
    const url = textAt(stated, 'git')
    // A path wins over an address: that is for whoever takes the crate from a registry.
    if (url === null || textAt(stated, 'path') !== null) return []
    return [
      {
        ...{ name: textAt(stated, 'package') ?? key.replace(/:.*$/, ''), url, reference: referenceOf(stated) },
        requirement: textAt(stated, 'version'),
        features: [...textsAt(stated, 'features'), ...textsAt(own, 'features'), ...featuresOf(table, key)],
        ...{ kind, optional: own.optional === true, by: by ?? path, directory },
      },
    ]
  })
}

function referenceOf(stated: Table): GitDependency['reference'] {
  for (const kind of ['branch', 'tag', 'rev'] as const) {
    const value = textAt(stated, kind)
    if (value !== null) return [kind, value]
  }
  return null
}

/** What a crate's own features switch on in a dependency: `serde/derive`, `serde?/std`. */
function featuresOf(table: Table, key: string): readonly string[] {
  const features = tableAt(table, 'features')
  return Object.keys(features).flatMap((name) =>
    textsAt(features, name).flatMap((each) => {
      const [of, feature] = each.split('/')
      return feature !== undefined && of?.replace(/\?$/, '') === key ? [feature] : []
    }),
  )
}

/**
 * Those that the tests of a change can't do without: what the crates with changed files, and those in the repository that these depend on, are compiled with.
 * Only their tests' own, those of other members, optional ones and what takes another crate's place may be left out.
 */
export function neededFromGit(
  workspace: Workspace,
  found: readonly GitDependency[],
  paths: readonly string[],
): readonly GitDependency[] {
  const needed = new Set(neededMembers(workspace, paths).map(({ directory }) => directory))
  return found.filter(
    ({ kind, optional, directory }) => (kind === 'normal' || kind === 'build') && !optional && needed.has(directory),
  )
}

function neededMembers({ members }: Workspace, paths: readonly string[]): readonly Manifest[] {
  const homes = paths.flatMap((path) => members.findLast(({ directory }) => isWithin(path, directory)) ?? [])
  const needed = new Set(homes.length > 0 ? homes : members)
  for (const each of needed) {
    const beside = dependencyPaths(each)
    for (const member of members) if (beside.includes(member.directory)) needed.add(member)
  }
  return [...needed]
}

/** In an operator's words: `helper (acme/helper), a dependency of cart`. */
export function inWords({ name, url, by }: GitDependency): string {
  return `${name} (${ownerAndName(url)}), a dependency of ${by} on a git host`
}

/** `owner/name` of an address: `https://host/owner/name.git`, `git@host:owner/name`. */
function ownerAndName(url: string): string {
  const path = url.replace(/^[a-z+]+:\/\/[^/]*\//i, '').replace(/^[^/:]*@?[^/:]*:/, '')
  return path.replace(/\/+$/, '').replace(/\.git$/, '')
}
