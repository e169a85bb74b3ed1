import { parse as parseJsonc } from 'jsonc-parser'
import { joined } from '../../ci/paths.ts'
import type { TreeReader } from '../../model/index.ts'
import { builtFolders } from './entries.ts'
import { inDirectory, isRecord } from './manifest.ts'
import type { Package } from './workspaces.ts'

/** Caches that tools keep of what they made out of the sources. */
const caches = [
  '**/node_modules/.cache/**',
  '**/node_modules/.vite/**',
  '**/node_modules/.vitest/**',
  '**/node_modules/.vite-temp/**',
  '**/*.tsbuildinfo',
  '**/.eslintcache',
  'coverage/**',
  '**/coverage/**/lcov*',
  '.nyc_output/**',
  '**/.nyc_output/**',
  '**/.turbo/**',
  '.nx/cache/**',
  '**/.wireit/**',
  '**/.rollup.cache/**',
  '**/.parcel-cache/**',
  '**/.next/**',
  '**/.nuxt/**',
  '**/.output/**',
  '**/.swc/**',
  '.jest-cache/**',
]

/** Folders that builds usually write to; derived only where git has nothing in them. */
const usualFolders = [
  'dist',
  'lib',
  'build',
  'out',
  'es',
  'esm',
  'cjs',
  'umd',
  'dist-types',
  'types',
  'temp',
  'output',
  '.output',
  'public',
  'generated',
  'coverage',
]

/** Globs, relative to the root, of what builds make from the repository's own sources. */
export async function derivedGlobs(tree: TreeReader, packages: readonly Package[]): Promise<readonly string[]> {
  const folders = new Set<string>()
  for (const each of packages) {
    for (const folder of builtFolders(tree, each)) folders.add(folder)
    for (const folder of await typescriptOutputs(tree, each.directory)) folders.add(folder)
    for (const name of usualFolders) folders.add(inDirectory(each.directory, name))
  }
  const untracked = [...folders].filter(
    (folder) => folder !== '.' && !folder.split('/').includes('node_modules') && !holdsTracked(tree, folder),
  )
  return [...caches, ...untracked.sort().flatMap((folder) => [folder, `${folder}/**`])]
}

function holdsTracked(tree: TreeReader, folder: string): boolean {
  return tree.has(folder) || tree.paths.some((path) => path.startsWith(`${folder}/`))
}

/** `outDir` and `declarationDir` of a package's tsconfig files (JSON with comments). */
async function typescriptOutputs(tree: TreeReader, directory: string): Promise<readonly string[]> {
  const inside = directory === '.' ? '' : `${directory}/`
  const files = tree.paths.filter(
    (path) => path.startsWith(inside) && /^tsconfig[^/]*\.json$/.test(path.slice(inside.length)),
  )
  const found: string[] = []
  for (const path of files) {
    const settings: unknown = parseJsonc((await tree.read(path)) ?? '')
    const options = isRecord(settings) && isRecord(settings.compilerOptions) ? settings.compilerOptions : {}
    for (const key of ['outDir', 'declarationDir']) {
      const value = options[key]
      if (typeof value === 'string' && !value.includes('${')) found.push(joined(directory, value))
    }
  }
  return found
}
