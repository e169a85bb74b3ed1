import { parse as parseToml } from 'smol-toml'
import { parse as parseYaml } from 'yaml'
import { z } from 'zod'
import type { TreeReader } from '../../model/index.ts'

/** A module and the commit of it that a lockfile from before modules names. */
export interface LockedModule {
  readonly path: string
  readonly revision: string
}

export interface LockedModules {
  readonly from: string
  readonly modules: readonly LockedModule[]
}

type Locked = readonly (readonly [path: string, revision: string])[]

/** A fork in place of the module: its commits are in no module of this path. */
const fork = z.string().nullish()
const dep = z.object({ projects: z.array(z.object({ name: z.string(), revision: z.string(), source: fork })) })
const glided = z.array(z.object({ name: z.string(), version: z.string(), repo: fork })).nullish()
const glide = z.object({ imports: glided, testImports: glided })
const godep = z.object({ Deps: z.array(z.object({ ImportPath: z.string(), Rev: z.string() })).nullish() })
const govendor = z.object({
  package: z.array(z.object({ path: z.string(), revision: z.string(), origin: fork })),
})

/** The lockfiles of the tools that there were before modules, and how each tells what is locked: a path, maybe of a package, and a commit. */
const formats: readonly (readonly [path: string, read: (text: string) => Locked])[] = [
  [
    'Gopkg.lock',
    (text) => dep.parse(parseToml(text)).projects.flatMap((each) => (each.source ? [] : [[each.name, each.revision]])),
  ],
  [
    'glide.lock',
    (text) => {
      const { imports, testImports } = glide.parse(parseYaml(text, { logLevel: 'silent' }))
      const all = [...(imports ?? []), ...(testImports ?? [])]
      return all.flatMap((each) => (each.repo ? [] : [[each.name, each.version]]))
    },
  ],
  [
    'Godeps/Godeps.json',
    (text) => (godep.parse(JSON.parse(text)).Deps ?? []).map(({ ImportPath, Rev }) => [ImportPath, Rev]),
  ],
  [
    'vendor/vendor.json',
    (text) =>
      govendor.parse(JSON.parse(text)).package.flatMap((each) => (each.origin ? [] : [[each.path, each.revision]])),
  ],
]

/**
 * What a repository from before modules locked, by the first lockfile of dep, glide, godep or govendor that can be read and names a module by a commit.
 * Only modules whose path the package's tells are given. Null: there is none.
 */
export async function lockedModules(tree: TreeReader, own: string): Promise<LockedModules | null> {
  for (const [from, read] of formats) {
    const text = tree.has(from) ? await tree.read(from) : null
    const modules = new Map<string, string>()
    for (const [name, revision] of text === null ? [] : readLock(() => read(text))) {
      const path = moduleOfPackage(name)
      if (path !== null && path !== own && /^[0-9a-f]{12,40}$/.test(revision) && !modules.has(path))
        modules.set(path, revision)
    }
    if (modules.size > 0) return { from, modules: [...modules].map(([path, revision]) => ({ path, revision })) }
  }
  return null
}

function readLock(read: () => Locked): Locked {
  try {
    return read()
  } catch {
    // A lockfile that its tool could not read either locks nothing.
    return []
  }
}

/** Hosts that name a repository by so many elements of a package's path. */
const hosts =
  /^(?:(?:github\.com|bitbucket\.org)\/[\w.~-]+\/[\w.~-]+|golang\.org\/x\/[\w.~-]+|gopkg\.in\/(?:[\w.~-]+\/)?[\w.~-]+\.v\d+|(?:google\.golang\.org|go\.uber\.org|cloud\.google\.com|k8s\.io)\/[\w.~-]+)(?=\/|$)/

/** The module of a package, where its host tells; null: nothing does. */
function moduleOfPackage(path: string): string | null {
  return hosts.exec(path)?.[0] ?? null
}
