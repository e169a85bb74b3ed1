import picomatch from 'picomatch'
import { expect, test } from 'vitest'
import { node } from '../../../src/ecosystems/node/index.ts'
import { memoryTree } from './memory-tree.ts'

test('what builds make is derived, what git has and what installs bring is not', async () => {
  const tree = memoryTree({
    'package.json': { main: './out/index.js', bin: 'cli.js', workspaces: ['packages/*'] },
    'lib/kept.js': '',
    'tsconfig.json': '{ "compilerOptions": { "outDir": "./compiled" /* why */ } }',
    'packages/a/package.json': { exports: { '.': { import: './esm/index.js', types: './esm/index.d.ts' } } },
  })
  const isDerived = picomatch([...(await node.derivedPaths(tree))], { dot: true })
  for (const path of [
    'out/index.js',
    'cli.js',
    'dist/a/b.js',
    'compiled/x.js',
    'packages/a/esm/index.js',
    'a/b/tsconfig.tsbuildinfo',
    'node_modules/.cache/x',
    'coverage/a',
  ]) {
    expect([path, isDerived(path)]).toEqual([path, true])
  }
  for (const path of [
    'lib/kept.js',
    'lib/new.js',
    'node_modules/a/dist/index.js',
    'node_modules/a/lib/x.js',
    'packages/a/node_modules/b/dist/x.js',
    'src/a.js',
  ]) {
    expect([path, isDerived(path)]).toEqual([path, false])
  }
})

test('a layer holds node_modules and nothing that a build leaves elsewhere', () => {
  const isKept = picomatch([...node.layerPaths], { dot: true })
  expect(['node_modules/a/b.js', 'packages/a/node_modules/.bin/x'].every((path) => isKept(path))).toBe(true)
  expect(isKept('dist/index.js')).toBe(false)
})
