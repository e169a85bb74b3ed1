import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'
import type { Ecosystem } from '../ecosystems/types.ts'
import type { Strategy, TreeReader } from '../model/index.ts'
import { overlaid } from './overlaid.ts'

/** `ofAnyDay` is that of installs which were told nothing that depends on the day. */
export interface LayerKeys {
  readonly ofDay: string
  readonly ofAnyDay: string
}

/**
 * The keys under which an install's layer is shared: a sha256 each over what the manifests and lockfiles, as the install sees them, say
 * to an install, the toolchain, the install commands and their variables, the resolution date, the root and the owner. Sources
 * are not in it, and so must not be in the layer either.
 */
export async function layerKeys(input: {
  readonly ecosystems: readonly Pick<Ecosystem, 'keyPaths' | 'keyContent'>[]
  readonly strategy: Omit<Strategy, 'tests'>
  readonly tree: TreeReader
  readonly root: string
  readonly owner: string
}): Promise<LayerKeys> {
  const { ecosystems, strategy, tree } = input
  const seen = overlaid(tree, strategy.overrides)
  const overridden = strategy.overrides.map(({ path }) => path)
  const files: [path: string, digest: string | null][] = []
  const keyPaths = (await Promise.all(ecosystems.map((ecosystem) => ecosystem.keyPaths(tree)))).flat()
  for (const path of [...new Set([...keyPaths, ...overridden])].sort()) {
    const text = await seen.read(path)
    // What is no text (a link) is told by its blob; what an override takes away, by nothing.
    const other = overridden.includes(path) ? null : tree.blobOf(path)
    files.push([path, text === null ? other : digest(keyContent(ecosystems, path, text))])
  }
  const { ecosystem, toolchain, install, variables } = strategy
  const { root, owner } = input
  const keyOf = (asOf: string | null) =>
    digest(canonicalize({ files, ecosystem, toolchain, install, variables, asOf, root, owner }) ?? '')
  return { ofDay: keyOf(strategy.asOf), ofAnyDay: keyOf('any day') }
}

function keyContent(ecosystems: readonly Pick<Ecosystem, 'keyContent'>[], path: string, text: string): string {
  return ecosystems.reduce((content, ecosystem) => ecosystem.keyContent(path, content), text)
}

const digest = (text: string) => createHash('sha256').update(text).digest('hex')
