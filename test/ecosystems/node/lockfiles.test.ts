import { expect, test } from 'vitest'
import { isForeignRange } from '../../../src/ecosystems/node/lockfiles/foreign.ts'
import { readLockfiles } from '../../../src/ecosystems/node/lockfiles/index.ts'
import { readPackages } from '../../../src/ecosystems/node/workspaces.ts'
import { memoryTree } from './memory-tree.ts'

const manifest = { devDependencies: { mocha: '^10.0.0', tool: 'github:someone/tool' } }

async function lockfile(path: string, content: unknown) {
  const tree = memoryTree({ 'package.json': manifest, [path]: content })
  const [found] = await readLockfiles(tree, await readPackages(tree))
  if (found === undefined) throw new Error(`${path} was not read`)
  return found
}

test.each([
  ['github:a/b', true],
  ['a/b#semver:^1', true],
  ['git+ssh://git@host/a.git', true],
  ['https://host/a/tarball/v1', true],
  ['git@host:a/b.git', true],
  ['https://host/a/-/a-1.0.0.tgz', false],
  ['^1.0.0', false],
  ['npm:b@^1', false],
  ['file:../a', false],
  ['workspace:*', false],
  ['latest', false],
  ['1.x || >=2', false],
  ['catalog:', false],
  ['', false],
])('%s leads outside the registries: %s', (range, foreign) => {
  expect(isForeignRange(range)).toBe(foreign)
})

test('package-lock 3: versions, native parts, and what only a git host has', async () => {
  const lock = await lockfile('package-lock.json', {
    lockfileVersion: 3,
    packages: {
      '': manifest,
      'node_modules/mocha': {
        version: '10.4.0',
        resolved: 'https://host/mocha/-/mocha-10.4.0.tgz',
        dependencies: { tool: 'github:someone/tool', ms: '^2' },
      },
      'node_modules/tool': { version: '1.0.0', resolved: 'git+ssh://git@host/someone/tool.git#abc' },
      'node_modules/addon': { version: '1.0.0', hasInstallScript: true, dependencies: { 'node-addon-api': '^7' } },
      'node_modules/plain': { version: '1.0.0', hasInstallScript: true },
      'packages/a/node_modules/mocha': { version: '9.0.0' },
    },
  })
  expect(lock).toMatchObject({ kind: 'npm', format: '3', native: ['addon'], foreign: [{ name: 'tool' }] })
  expect([
    lock.version('.', 'mocha'),
    lock.version('packages/a', 'mocha'),
    lock.version('packages/b', 'mocha'),
    lock.version('.', 'x'),
  ]).toEqual(['10.4.0', '9.0.0', '10.4.0', null])
  expect(lock.withoutForeign()).not.toContain('someone/tool')
  expect(JSON.parse(lock.withoutForeign()).packages['node_modules/mocha'].dependencies).toEqual({ ms: '^2' })
})

test('package-lock 1: nested dependencies', async () => {
  const lock = await lockfile('package-lock.json', {
    lockfileVersion: 1,
    dependencies: {
      mocha: {
        version: '8.0.0',
        dependencies: { tool: { version: 'github:someone/tool#abc', from: 'github:someone/tool' } },
      },
    },
  })
  expect([lock.version('.', 'mocha'), lock.foreign]).toEqual([
    '8.0.0',
    [{ name: 'tool', source: 'github:someone/tool#abc' }],
  ])
  expect(lock.withoutForeign()).not.toContain('someone/tool')
})

test('yarn classic: the range asked for decides among several versions', async () => {
  const lock = await lockfile(
    'yarn.lock',
    `# yarn lockfile v1


mocha@^10.0.0:
  version "10.4.0"
  resolved "https://host/mocha/-/mocha-10.4.0.tgz#abc"
  dependencies:
    bindings "^1.0.0"
    tool "github:someone/tool"

mocha@^9.0.0, mocha@^9.1.0:
  version "9.2.0"
  resolved "https://host/mocha/-/mocha-9.2.0.tgz#abc"

"tool@github:someone/tool":
  version "1.0.0"
  resolved "https://codehost/someone/tool/tar.gz/abc"
`,
  )
  expect(lock).toMatchObject({
    kind: 'yarn-classic',
    native: ['mocha'],
    foreign: [{ name: 'tool', source: 'https://codehost/someone/tool/tar.gz/abc' }],
  })
  expect(lock.version('.', 'mocha')).toBe('10.4.0')
  expect(lock.withoutForeign()).toContain('mocha@^9.0.0, mocha@^9.1.0:\n  version "9.2.0"')
  expect(lock.withoutForeign()).not.toContain('someone')
})

test('yarn berry', async () => {
  const lock = await lockfile(
    'yarn.lock',
    `__metadata:
  version: 8

"mocha@npm:^10.0.0":
  version: 10.4.0
  resolution: "mocha@npm:10.4.0"
  dependencies:
    ms: "npm:^2"

"tool@github:someone/tool":
  version: 1.0.0
  resolution: "tool@https://host/someone/tool.git#commit=abc"
`,
  )
  expect(lock).toMatchObject({ kind: 'yarn-berry', format: '8', foreign: [{ name: 'tool' }] })
  expect(lock.version('.', 'mocha')).toBe('10.4.0')
  expect(lock.withoutForeign()).not.toContain('someone')
})

test.each([
  [
    "'5.4'",
    'devDependencies:\n  mocha: 10.4.0_abc\n  tool: codehost/someone/tool/abc\npackages:\n  codehost/someone/tool/abc:\n    resolution: {tarball: https://codehost/someone/tool/tar.gz/abc}\n    name: tool\n',
  ],
  [
    "'9.0'",
    'importers:\n  .:\n    devDependencies:\n      mocha:\n        specifier: ^10\n        version: 10.4.0(x@1.0.0)\n      tool:\n        specifier: github:someone/tool\n        version: https://codehost/someone/tool/tar.gz/abc\npackages:\n  tool@https://codehost/someone/tool/tar.gz/abc:\n    resolution: {tarball: https://codehost/someone/tool/tar.gz/abc}\nsnapshots:\n  tool@https://codehost/someone/tool/tar.gz/abc: {}\n',
  ],
])('pnpm lockfile version %s', async (version, body) => {
  const lock = await lockfile('pnpm-lock.yaml', `lockfileVersion: ${version}\n${body}`)
  expect(lock).toMatchObject({ kind: 'pnpm', foreign: [{ name: 'tool' }] })
  expect(lock.version('.', 'mocha')).toBe('10.4.0')
  expect(lock.withoutForeign()).not.toContain('someone')
  expect(lock.withoutForeign()).toContain('10.4.0')
})
