import { joined } from '../../ci/paths.ts'
import { isTestName, syntaxOf } from '../../languages/index.ts'
import type { TreeReader } from '../../model/index.ts'
import { builtEntries, builtFolders } from './entries.ts'
import type { Package } from './workspaces.ts'

/** Enough to judge by; a suite of thousands of files loads its subject the same way all over. */
const mostFiles = 80
const endings = [
  '',
  '.js',
  '.cjs',
  '.mjs',
  '.ts',
  '.tsx',
  '.jsx',
  '.json',
  '.node',
  '/index.js',
  '/index.ts',
  '/index.cjs',
  '/index.mjs',
  '/package.json',
]

/**
 * True where tests load what a build makes: a relative import of a file that git does not have, the package by its own name
 * or by its folder when its entry is built, or a path into the built folder in a text (tests that start the program).
 */
export async function loadsBuilt(tree: TreeReader, each: Package, testPaths: readonly string[]): Promise<boolean> {
  const entries = builtEntries(tree, each)
  const folders = builtFolders(tree, each)
  for (const path of testFiles(tree, each, testPaths)) {
    const source = (await tree.read(path)) ?? ''
    const specifiers = syntaxOf(path)?.imports(source) ?? []
    if (specifiers.some((specifier) => isBuilt(tree, each, path, specifier, entries.length > 0))) return true
    if (
      folders.some((folder) => mentions(source, folder.slice(each.directory === '.' ? 0 : each.directory.length + 1)))
    )
      return true
  }
  return false
}

function testFiles(tree: TreeReader, each: Package, testPaths: readonly string[]): readonly string[] {
  const inside = (path: string): boolean => each.directory === '.' || path.startsWith(`${each.directory}/`)
  const named = tree.paths.filter((path) => inside(path) && isTestName(path) && syntaxOf(path) !== null)
  const support = tree.paths.filter(
    (path) => inside(path) && /(?:^|\/)(?:tests?|__tests__|spec)\//.test(path) && syntaxOf(path) !== null,
  )
  return [
    ...new Set([...testPaths.filter((path) => tree.has(path) && syntaxOf(path) !== null), ...named, ...support]),
  ].slice(0, mostFiles)
}

function isBuilt(tree: TreeReader, each: Package, from: string, specifier: string, entryIsBuilt: boolean): boolean {
  if (
    specifier === each.manifest.name ||
    (each.manifest.name !== undefined && specifier.startsWith(`${each.manifest.name}/`))
  )
    return entryIsBuilt
  if (!/^\.\.?(?:\/|$)/.test(specifier)) return false
  const target = joined(
    from.includes('/') ? from.slice(0, from.lastIndexOf('/')) : '.',
    specifier.replace(/[?#].*$/, ''),
  )
  if (target === each.directory) return entryIsBuilt
  // TypeScript's sources are imported by the name of what they compile to.
  const source = target.replace(/\.([cm]?)js(x?)$/, '.$1ts$2')
  return ![target, source, target.replace(/\.js$/, '.tsx')].some((name) =>
    endings.some((ending) => tree.has(`${name}${ending}`)),
  )
}

/** A path into the folder, as tests write it in texts: `dist/cli.js`, `'build', 'index.js'`. */
function mentions(source: string, folder: string): boolean {
  return [`'${folder}'`, `"${folder}"`, `/${folder}/`, `'${folder}/`, `"${folder}/`, `\`${folder}/`].some((text) =>
    source.includes(text),
  )
}
