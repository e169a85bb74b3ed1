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

const pairs = z.array(z.tuple([z.string(), z.string()]))
const dep = z.object({ projects: z.array(z.object({ name: z.string(), revision: z.string() })) })
const glide = z.object({
  imports: z.array(z.object({ name: z.string(), version: z.string() })).nullish(),
  testImports: z.array(z.object({ name: z.string(), version: z.string() })).nullish(),
})
const godep = z.object({ Deps: z.array(z.object({ ImportPath: z.string(), Rev: z.string() })).nullish() })
const govendor = z.object({ package: z.array(z.object({ path: z.string(), revision: z.string() })) })

/** The lockfiles of the tools that there were before modules, and how each tells what is locked: a path, maybe of a package, and a commit. */
const formats: readonly (readonly [path: string, read: (text: string) => unknown])[] = [
  ['Gopkg.lock', (text) => dep.parse(parseToml(text)).projects.map(({ name, revision }) => [name, revision])],
  [
    'glide.lock',
    (text) => {
      const { imports, testImports } = glide.parse(parseYaml(text, { logLevel: 'silent' }))
      return [...(imports ?? []), ...(testImports ?? [])].map(({ name, version }) => [name, version])
    },
  ],
  [
    'Godeps/Godeps.json',
    (text) => (godep.parse(JSON.parse(text)).Deps ?? []).map(({ ImportPath, Rev }) => [ImportPath, Rev]),
  ],
  [
    'vendor/vendor.json',
    (text) => govendor.parse(JSON.parse(text)).package.map(({ path, revision }) => [path, revision]),
  ],
]

/**
 * What a repository from before modules locked, by the first lockfile of dep, glide, godep or govendor that can be read. Null: there is none, or it
 * names nothing. Only modules whose path the package's tells are given.
 */
export async function lockedModules(tree: TreeReader, own: string): Promise<LockedModules | null> {
  for (const [from, read] of formats) {
    const text = tree.has(from) ? await tree.read(from) : null
    const locked = text === null ? null : readPairs(() => read(text))
    if (locked === null) continue
    const modules = new Map<string, string>()
    for (const [name, revision] of locked) {
      const path = moduleOfPackage(name)
      if (path !== null && path !== own && /^[0-9a-f]{12,40}$/.test(revision) && !modules.has(path))
        modules.set(path, revision)
    }
    if (modules.size > 0) return { from, modules: [...modules].map(([path, revision]) => ({ path, revision })) }
  }
  return null
}

function readPairs(read: () => unknown): readonly (readonly [string, string])[] | null {
  try {
    return pairs.parse(read())
  } catch {
    // A lockfile that its tool could not read either locks nothing.
    return null
  }
}

/** Hosts whose repositories are modules by the number of their path's elements, as `go get` knows them by heart. */
const hosts =
  /^(?:(?:github\.com|bitbucket\.org|gitlab\.com)\/[^/]+\/[^/]+|golang\.org\/x\/[^/]+|gopkg\.in\/(?:[^/]+\/)?[^/]+\.v\d+|(?:google\.golang\.org|go\.uber\.org|cloud\.google\.com|k8s\.io)\/[^/]+)/

/** The module of a package, where its host tells; null: nothing does. */
function moduleOfPackage(path: string): string | null {
  return hosts.exec(path)?.[0] ?? null
}
