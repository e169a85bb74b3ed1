import { posix } from 'node:path'
import type { TreeReader } from '../../model/index.ts'

const mostFiles = 400
/** For a repository in which nothing imports anything of it. */
const unnamed = 'repository.invalid/unnamed'

/**
 * The import path of a repository that has no go.mod, as its own code says it: a path that it imports and whose end is one of its own
 * packages, the one that fits most imports; or the comment behind `package`. Where none of that tells, the import that is called as the package at the
 * root is; where no inner package imports anything that could be it, any name serves. Null: nothing tells.
 */
export async function importPathOf(tree: TreeReader): Promise<string | null> {
  const files = tree.paths.filter(
    (path) => path.endsWith('.go') && !/(?:^|\/)(?:vendor|Godeps|testdata|[._][^/]*)\//.test(path),
  )
  const packages = new Set(files.map((path) => posix.dirname(path)))
  const votes = new Map<string, number>()
  const alike = new Map<string, number>()
  const texts = new Map<string, string>()
  for (const file of files.slice(0, mostFiles)) texts.set(file, (await tree.read(file)) ?? '')
  const root = rootPackage(texts)
  let isAsked = false
  for (const [file, text] of texts) {
    const commented = /^package \w+ \/\/ import "(?<path>[^"]+)"/m.exec(text)?.groups?.path
    const folder = posix.dirname(file)
    if (commented !== undefined) vote(votes, withoutEnd(commented, folder), 10)
    for (const [, path = ''] of text.matchAll(/^\s*(?:import\s+)?(?:[\w.]+\s+)?"([^"\s]+\.[^"\s]+\/[^"\s]+)"/gm)) {
      isAsked ||= folder !== '.'
      if (folder !== '.' && root !== null && nameOf(path) === root) vote(alike, path, 1)
      for (const one of packages) if (one !== '.') vote(votes, withoutEnd(path, one), one.split('/').length)
      // A package's external tests import the package itself.
      if (/^package \w+_test\b/m.test(text) && folder === '.') vote(votes, path, 0.5)
    }
  }
  const [best] = [...(votes.size > 0 ? votes : alike)].toSorted(([a, x], [b, y]) => y - x || a.length - b.length)
  return best?.[0] ?? (isAsked ? null : unnamed)
}

/** What a package at this path is mostly called: `shop` of `…/go-shop`, `…/shop.go` and `…/shop.v2`. */
function nameOf(path: string): string {
  return posix
    .basename(path)
    .replace(/\.v\d+$/, '')
    .replace(/^go-|[-.]go$/g, '')
}

/** The name of the package at the root that others can import; null: there is none. */
function rootPackage(texts: ReadonlyMap<string, string>): string | null {
  for (const [file, text] of texts) {
    const name = posix.dirname(file) === '.' ? /^package (\w+?)(?:_test)?\b/m.exec(text)?.[1] : undefined
    if (name !== undefined && name !== 'main') return name
  }
  return null
}

/** `host/owner/name` of `host/owner/name/cart`; null where it does not end so. */
function withoutEnd(path: string, folder: string): string | null {
  if (folder === '.') return path
  return path.endsWith(`/${folder}`) ? path.slice(0, -folder.length - 1) : null
}

function vote(votes: Map<string, number>, path: string | null, weight: number): void {
  if (path !== null && /^[\w-]+(?:\.[\w-]+)+\//.test(path)) votes.set(path, (votes.get(path) ?? 0) + weight)
}
