import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'
import type { Strategy, TreeReader } from '../model/index.ts'

/**
 * The key under which an install's layer is shared: sha256 over the manifests and lockfiles as the install sees them, the
 * toolchain, the install commands and their variables, the resolution date, the root and the owner. Sources are not in it, and
 * so must not be in the layer either.
 */
export function layerKey(input: {
  readonly strategy: Omit<Strategy, 'tests'>
  readonly tree: TreeReader
  readonly keyPaths: readonly string[]
  readonly root: string
  readonly owner: string
}): string {
  const { strategy, tree } = input
  const overridden = new Map(strategy.overrides.map(({ path, content }) => [path, content]))
  const files = [...new Set([...input.keyPaths, ...overridden.keys()])].sort().map((path) => {
    const content = overridden.get(path)
    return [path, content === undefined ? tree.blobOf(path) : content === null ? null : digest(content)]
  })
  const json = canonicalize({
    files,
    ecosystem: strategy.ecosystem,
    toolchain: strategy.toolchain,
    install: strategy.install,
    variables: strategy.variables,
    asOf: strategy.asOf,
    root: input.root,
    owner: input.owner,
  })
  return digest(json ?? '')
}

const digest = (text: string) => createHash('sha256').update(text).digest('hex')
