import { describe, expect, test } from 'vitest'
import { ecosystems } from '../../src/ecosystems/index.ts'
import { layerKeys } from '../../src/environment/layer-key.ts'
import type { Strategy, TreeReader } from '../../src/model/index.ts'

const [ecosystem] = ecosystems
if (ecosystem === undefined) throw new Error('there is no ecosystem')

const strategy: Omit<Strategy, 'tests'> = {
  name: 'lockfile',
  ecosystem: 'node',
  toolchain: { node: '20.18.0' },
  overrides: [],
  install: [{ argv: ['npm', 'ci'], directory: '.', variables: {} }],
  build: [],
  variables: { CI: 'true' },
  asOf: '2024-01-01T00:00:00Z',
  flags: [],
  evidence: ['node 20.18.0 ← .nvmrc'],
}

const manifest = (more: object) => JSON.stringify({ name: 'shop', dependencies: { left: '^1.0.0' }, ...more })
const lockfile = (version: string) =>
  JSON.stringify({ lockfileVersion: 3, packages: { '': {}, 'node_modules/left': { version } } })
const files = {
  'package.json': manifest({ version: '1.0.0' }),
  'package-lock.json': lockfile('1.0.0'),
  'src/cart.js': 'export const total = 1\n',
}

function treeOf(texts: Readonly<Record<string, string>>): TreeReader {
  return {
    tree: 'tree',
    paths: Object.keys(texts),
    has: (path) => path in texts,
    read: async (path) => texts[path] ?? null,
    blobOf: (path) => texts[path] ?? null,
  }
}
const input = { ecosystems: [ecosystem], strategy, tree: treeOf(files), root: 'debian-12-x64', owner: 'acme' }
type Change = Partial<typeof input>

describe('a layer is shared', () => {
  test.each<[string, Change]>([
    ['by commits that differ in sources', { tree: treeOf({ ...files, 'src/cart.js': 'export const total = 2\n' }) }],
    ['by releases', { tree: treeOf({ ...files, 'package.json': manifest({ version: '1.1.0' }) }) }],
    ['whatever the strategy is called, and why', { strategy: { ...strategy, name: 'as-of', evidence: [] } }],
    ['whatever is built after the patches', { strategy: { ...strategy, build: strategy.install } }],
  ])('%s', async (_, change) => {
    expect(await layerKeys({ ...input, ...change })).toEqual(await layerKeys(input))
  })
})

describe('a layer is another one with another', () => {
  const override = (content: string | null) => ({
    strategy: { ...strategy, overrides: [{ path: 'package-lock.json', content }] },
  })
  test.each<[string, Change]>([
    ['lockfile', { tree: treeOf({ ...files, 'package-lock.json': lockfile('1.0.1') }) }],
    ['dependency', { tree: treeOf({ ...files, 'package.json': manifest({ dependencies: { left: '^2.0.0' } }) }) }],
    ['toolchain', { strategy: { ...strategy, toolchain: { node: '22.0.0' } } }],
    ['resolution date', { strategy: { ...strategy, asOf: '2024-01-02T00:00:00Z' } }],
    ['install', { strategy: { ...strategy, install: [{ argv: ['npm', 'install'], directory: '.', variables: {} }] } }],
    ['variable', { strategy: { ...strategy, variables: {} } }],
    ['file in the place of the lockfile', override(lockfile('1.0.2'))],
    ['file taken away', override(null)],
    ['owner, whose credentials it may be made with', { owner: 'other' }],
    ['root', { root: 'debian-13-x64' }],
  ])('%s', async (_, change) => {
    const [{ ofDay, ofAnyDay }, other] = [await layerKeys(input), await layerKeys({ ...input, ...change })]
    expect(other.ofDay).not.toBe(ofDay)
    expect(other.ofAnyDay === ofAnyDay).toBe('strategy' in change && change.strategy?.asOf !== input.strategy.asOf)
  })
})
