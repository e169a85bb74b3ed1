import { posix } from 'node:path'
import type { TreeReader } from '../../model/index.ts'
import type { Ecosystem } from '../types.ts'
import { explainGo } from './explain.ts'
import { layerGlobs } from './installs.ts'
import { goFolder } from './places.ts'
import { propose } from './propose.ts'
import { openToolchains } from './toolchain.ts'

/** Go: modules, workspaces and vendored trees; its toolchains are modules, too. */
export const go: Ecosystem = {
  name: 'go',
  languages: ['go'],
  tools: ['go'],
  openToolchains,
  detect: (tree) =>
    tree.has('go.mod') ||
    tree.paths.some((path) => path.endsWith('.go') && !/(?:^|\/)(?:vendor|node_modules)\//.test(path)),
  propose,
  keyPaths: async (tree) => tree.paths.filter(isKeyFile),
  keyContent: (_, text) => text,
  needs: async () => [],
  layerPaths: layerGlobs,
  derivedPaths,
  explain: explainGo,
}

const keyNames = new Set([
  'go.mod',
  'go.sum',
  'go.work',
  'go.work.sum',
  'Gopkg.lock',
  'Gopkg.toml',
  'glide.lock',
  'glide.yaml',
  'Godeps.json',
  'vendor.json',
])

function isKeyFile(path: string): boolean {
  return keyNames.has(posix.basename(path)) || /(?:^|\/)vendor\/modules\.txt$/.test(path)
}

/** Nothing in the module cache is of the repository; of what was compiled, the install builds only what is not. */
async function derivedPaths(_: TreeReader): Promise<readonly string[]> {
  return [`${goFolder}/cache/fuzz/**`, `${goFolder}/cache/*.txt`]
}
