import { describe, expect, test } from 'vitest'
import { node } from '../../../src/ecosystems/node/index.ts'
import { layerKeys } from '../../../src/environment/layer-key.ts'
import { contextOf } from './memory-tree.ts'

const manifest = { name: 'a', version: '1.0.0', scripts: { test: 'mocha' }, dependencies: { b: '^1.0.0' } }
const lock = {
  name: 'a',
  version: '1.0.0',
  lockfileVersion: 3,
  packages: { '': { version: '1.0.0' }, 'node_modules/b': {} },
}

async function keyOf(files: Readonly<Record<string, unknown>>): Promise<string> {
  const { tree } = contextOf(files)
  const [proposal] = await node.propose(contextOf(files, ['src/a.js'], ['test/a.js']))
  if (proposal === undefined) throw new Error('nothing proposed')
  return (await layerKeys({ ecosystems: [node], strategy: proposal.strategy, tree, root: 'r', owner: 'o' })).ofDay
}

describe('the key of a layer', () => {
  const files = { 'package.json': manifest, 'package-lock.json': lock }

  test('stays over a release', async () => {
    const released = {
      'package.json': { ...manifest, version: '1.1.0', description: 'new', scripts: { test: 'mocha', lint: 'x' } },
      'package-lock.json': { ...lock, version: '1.1.0', packages: { ...lock.packages, '': { version: '1.1.0' } } },
    }
    expect(await keyOf(released)).toBe(await keyOf(files))
  })

  test.each([
    ['a dependency', { ...files, 'package.json': { ...manifest, dependencies: { b: '^1.1.0' } } }],
    [
      'a script of the install',
      { ...files, 'package.json': { ...manifest, scripts: { test: 'mocha', postinstall: 'x' } } },
    ],
    [
      'the lockfile',
      { ...files, 'package-lock.json': { ...lock, packages: { ...lock.packages, 'node_modules/c': {} } } },
    ],
  ])('changes with %s', async (_, changed) => {
    expect(await keyOf(changed)).not.toBe(await keyOf(files))
  })
})

test('manifests among the tests count where a workspace or a link is there', async () => {
  const files = {
    'package.json': { workspaces: ['test/space'], devDependencies: { linked: 'file:./test/linked' } },
    'test/fixtures/a/package.json': '{}',
    'test/fixtures/a/package-lock.json': '{}',
    'test/space/package.json': '{}',
    'test/linked/package.json': '{}',
    'docs/package.json': '{}',
  }
  expect([...(await node.keyPaths(contextOf(files).tree))].sort()).toEqual([
    'docs/package.json',
    'package.json',
    'test/linked/package.json',
    'test/space/package.json',
  ])
})

test('what an install asks the registry for: its ranges, without its own packages, links and addresses', async () => {
  const files = {
    'package.json': {
      workspaces: ['p/*'],
      devDependencies: { b: '^1.0.0', c: 'npm:@s/d@~2', e: 'github:x/y', q: '*' },
    },
    'p/q/package.json': { name: 'q', dependencies: { f: 'latest' } },
  }
  expect(await node.needs(contextOf(files).tree)).toEqual([
    { name: 'b', range: '^1.0.0' },
    { name: '@s/d', range: '~2' },
    { name: 'f', range: '*' },
  ])
})
