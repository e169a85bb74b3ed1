import type { TreeReader } from '../../model/index.ts'

/** Unconditional, at the top of a file: what stands deeper may be there for some machines only. */
const requires = /^require[ (]+["']([\w./-]+)["']\)?[ \t]*(?:#.*)?$/gm
const mostFiles = 40
const helpers = /^(?:test|spec)\/(?:.*\/)?(?:\w*helper|test_case)\.rb$/

/** What the changed tests and the helpers load that no file of the repository is: gems, or Ruby's own libraries. */
export async function loadedElsewhere(tree: TreeReader, testPaths: readonly string[]): Promise<readonly string[]> {
  const files = new Set([
    ...testPaths.filter((path) => path.endsWith('.rb')),
    ...tree.paths.filter((path) => helpers.test(path)),
  ])
  const found = new Set<string>()
  for (const path of [...files].slice(0, mostFiles)) {
    for (const [, name = ''] of ((await tree.read(path)) ?? '').matchAll(requires)) {
      if (!name.startsWith('.') && !isOwn(tree, name.replace(/\.rb$/, ''))) found.add(name)
    }
  }
  return [...found].sort()
}

function isOwn(tree: TreeReader, name: string): boolean {
  return tree.paths.some((path) => path === `${name}.rb` || path.endsWith(`/${name}.rb`)) || hasExtension(tree, name)
}

/** `require 'cart/cart'`, built from `ext/cart/extconf.rb`. */
function hasExtension(tree: TreeReader, name: string): boolean {
  return tree.paths.some(
    (path) => path.startsWith('ext/') && path.endsWith('extconf.rb') && name.includes(path.split('/').at(-2) ?? ''),
  )
}
