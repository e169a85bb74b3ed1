import { joined } from '../../ci/paths.ts'
import type { TreeReader } from '../../model/index.ts'
import { inDirectory, textsIn } from './manifest.ts'
import type { Package } from './workspaces.ts'

/** Extensions that Node and bundlers try for an entry without one. */
const endings = [
  '',
  '.js',
  '.cjs',
  '.mjs',
  '.json',
  '.node',
  '.ts',
  '.tsx',
  '/index.js',
  '/index.cjs',
  '/index.mjs',
  '/index.ts',
]

/** Files that other code loads a package by: `main`, `module`, `exports`, `bin`; relative to the root, in no order. */
function entryFiles({ directory, manifest }: Package): readonly string[] {
  const named = [manifest.main, manifest.module, ...textsIn(manifest.exports), ...textsIn(manifest.bin)]
  const local = named.filter((entry) => entry !== undefined && !entry.includes('*') && !/\.d\.[cm]?ts$/.test(entry))
  return [...new Set(local.map((entry) => joined(directory, entry ?? '')))].filter((entry) => entry !== '.')
}

/** Entries that git does not have: somebody has to build them before the package can be loaded by its name. */
export function builtEntries(tree: TreeReader, each: Package): readonly string[] {
  return entryFiles(each).filter((entry) => !endings.some((ending) => tree.has(`${entry}${ending}`)))
}

/** True where the package can only be loaded after a build. */
export function needsBuilding(tree: TreeReader, each: Package): boolean {
  const missing = new Set(builtEntries(tree, each))
  return missing.size > 0
}

/** Names of scripts that make a package's built entries, the plainest first. */
export const buildScripts = [
  'build',
  'compile',
  'build:js',
  'build:lib',
  'build:cjs',
  'dist',
  'bundle',
  'prepare',
  'prepublish',
  'prepublishOnly',
  'prepack',
  'transpile',
  'tsc',
  'babel',
] as const

/** The script that builds a package, or null. */
export function buildScriptOf({ manifest }: Package): string | null {
  return buildScripts.find((name) => Object.hasOwn(manifest.scripts, name) && manifest.scripts[name] !== '') ?? null
}

/**
 * Folders (and files at a package's top) that are built and not in git: what the entries lie in. Relative to the root.
 */
export function builtFolders(tree: TreeReader, each: Package): readonly string[] {
  const prefix = each.directory === '.' ? '' : `${each.directory}/`
  const folders = builtEntries(tree, each).flatMap((entry) => {
    if (!entry.startsWith(prefix)) return []
    const [top = '', ...inner] = entry.slice(prefix.length).split('/')
    const name = inDirectory(each.directory, top)
    return inner.length === 0 || !tree.paths.some((path) => path.startsWith(`${name}/`)) ? [name] : [entry]
  })
  return [...new Set(folders)]
}
