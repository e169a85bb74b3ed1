import { posix } from 'node:path'
import type { TreeReader } from '../../model/index.ts'
import type { Module } from './modules.ts'

/** Beyond this, reading every file to learn who imports what costs more than it saves. */
const mostFiles = 6000

/**
 * The packages of a module that changed files are in, and those that import them, directly or not; as `go test` is given them. Null: that is as much
 * as the whole module, or too much to find out.
 */
export async function touchedPackages(
  tree: TreeReader,
  { directory, mod }: Module,
  changed: readonly string[],
): Promise<readonly string[] | null> {
  const root = directory === '.' ? '' : `${directory}/`
  const files = tree.paths.filter((path) => path.startsWith(root) && path.endsWith('.go') && !skipped.test(path))
  const packages = new Set(files.map((path) => posix.dirname(path)))
  const touched = new Set(changed.map((path) => nearest(posix.dirname(path), packages)).filter((path) => path !== null))
  if (files.length > mostFiles || mod.module === null || touched.size === 0) return null
  const importers = await importersOf(tree, files, mod.module, root)
  const waiting = [...touched]
  for (const one of waiting) {
    for (const importer of importers.get(one) ?? []) {
      if (touched.has(importer)) continue
      touched.add(importer)
      waiting.push(importer)
    }
  }
  if (touched.size === packages.size) return null
  return [...touched].sort().map((path) => `./${posix.relative(directory, path)}`)
}

const skipped = /(?:^|\/)(?:vendor|testdata|node_modules|[._][^/]*)\//

/** Data of a package lies in folders below it. */
function nearest(folder: string, packages: ReadonlySet<string>): string | null {
  for (let path = folder; ; path = posix.dirname(path)) {
    if (packages.has(path)) return path
    if (path === '.' || path === '/') return null
  }
}

/** Folder of a package → folders of those that import it. */
async function importersOf(
  tree: TreeReader,
  files: readonly string[],
  module: string,
  root: string,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const importers = new Map<string, string[]>()
  for (const file of files) {
    const text = (await tree.read(file)) ?? ''
    for (const [, path = ''] of text.matchAll(/^\s*(?:import\s+)?(?:[\w.]+\s+)?"([^"\s]+)"/gm)) {
      if (path !== module && !path.startsWith(`${module}/`)) continue
      const target = posix.join(root === '' ? '.' : root, path.slice(module.length + 1)).replace(/\/$/, '')
      importers.set(target, [...(importers.get(target) ?? []), posix.dirname(file)])
    }
  }
  return importers
}
