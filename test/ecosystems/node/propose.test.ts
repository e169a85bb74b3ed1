import { expect, test } from 'vitest'
import { node } from '../../../src/ecosystems/node/index.ts'
import { contextOf } from './memory-tree.ts'

const lock = { lockfileVersion: 3, packages: {} }
const shell = (argv: readonly string[] | undefined): string => (argv ?? []).join(' ')

async function first(
  files: Readonly<Record<string, unknown>>,
  changed: readonly string[] = ['src/a.js'],
  tests: readonly string[] = ['test/a.js'],
) {
  const [proposal] = await node.propose(contextOf(files, changed, tests))
  if (proposal === undefined) throw new Error('nothing proposed')
  return proposal
}

async function names(files: Readonly<Record<string, unknown>>): Promise<readonly string[]> {
  return (await node.propose(contextOf(files))).map(({ strategy }) => strategy.name)
}

test.each([
  [{ '.nvmrc': 'v18.19.0\n' }, {}, '18.19.0', '.nvmrc'],
  [{ '.nvmrc': 'lts/*' }, {}, '22.12.0', '.nvmrc'],
  [{ '.node-version': '20.10.0' }, { volta: { node: '16.20.2' } }, '20.10.0', '.node-version'],
  [{}, { volta: { node: '16.20.2' } }, '16.20.2', 'volta.node'],
  [{ '.tool-versions': 'ruby 3\nnodejs 20.18.3\n' }, {}, '20.18.3', '.tool-versions'],
  [{}, { devEngines: { runtime: { name: 'node', version: '^20' } } }, '20.18.3', 'devEngines'],
  [{ '.nvmrc': '18.20.5' }, {}, '18.19.0', 'nearest of its line'],
  [{}, { engines: { node: '>=18' } }, '22.12.0', 'within engines'],
  [{}, { engines: { node: '14 || 16' } }, '16.20.2', 'newest within engines'],
  [{}, {}, '22.12.0', 'long-term line'],
])('Node out of %j and %j is %s', async (files, fields, version, evidence) => {
  const { strategy } = await first({ 'package.json': { scripts: { test: 'mocha' }, ...fields }, ...files })
  expect(strategy.toolchain.node).toBe(version)
  expect(strategy.evidence[0]).toContain(evidence)
})

test('tests that start no framework we have come last, so that every rung is tried with some that do', async () => {
  const scripts = { test: 'playwright test', 'test:unit': 'vitest run' }
  const proposals = await node.propose(contextOf({ 'package.json': { scripts }, 'package-lock.json': lock }))
  const programs = proposals.map(({ strategy, invocations }) => [strategy.name, invocations[0]?.program])
  expect(programs.slice(0, 3)).toEqual([
    ['lockfile', 'vitest'],
    ['lockfile-2', 'playwright'],
    ['lockfile-preferred', 'vitest'],
  ])
})

test('a framework that only its configuration tells of is the last way to test', async () => {
  const files = {
    'package.json': { scripts: { test: 'toolkit test' } },
    'jest.config.js': '',
    'src/jest.config.js': '',
  }
  const { invocations } = await first(files)
  expect(invocations).toMatchObject([{ program: 'jest', directory: '.', from: 'jest.config.js' }])
})

test('of a matrix, the newest long-term line comes first, another one later', async () => {
  const ci =
    'jobs: { test: { runs-on: ubuntu-latest, strategy: { matrix: { n: [18, 20, 21] } }, steps: [{ uses: actions/setup-node@v4, with: { node-version: "$' +
    '{{ matrix.n }}" } }, { run: npm test }] } }'
  const proposals = await node.propose(
    contextOf({ 'package.json': { scripts: { test: 'mocha' } }, '.github/workflows/ci.yml': ci }),
  )
  expect([...new Set(proposals.map(({ strategy }) => strategy.toolchain.node))]).toEqual(['20.18.3', '18.19.0'])
})

test.each([
  [{ 'package-lock.json': lock }, {}, { npm: '10.9.9' }, 'npm ci'],
  [{}, {}, { npm: '10.9.9' }, 'npm install'],
  [{ 'pnpm-lock.yaml': "lockfileVersion: '6.0'" }, {}, { pnpm: '8.15.9' }, 'pnpm install --frozen-lockfile'],
  [
    { 'pnpm-lock.yaml': "lockfileVersion: '9.0'" },
    { packageManager: 'pnpm@9.12.1+sha512.abc' },
    { pnpm: '9.12.1' },
    'pnpm install --frozen-lockfile',
  ],
  [{ 'yarn.lock': '# yarn lockfile v1\n' }, {}, { yarn: '1.22.22' }, 'yarn install'],
  [{ 'yarn.lock': '__metadata:\n  version: 8\n' }, {}, { yarn: '4.5.0' }, 'yarn install --immutable'],
  [
    { 'yarn.lock': '__metadata:\n  version: 6\n', '.yarnrc.yml': 'yarnPath: .yarn/releases/yarn-3.8.7.cjs' },
    {},
    { yarn: '3.8.7' },
    'yarn install --immutable',
  ],
])('the package manager out of %j and %j', async (files, fields, tools, install) => {
  const { strategy } = await first({ 'package.json': { scripts: { test: 'mocha' }, ...fields }, ...files })
  expect(strategy.toolchain).toMatchObject(tools)
  expect(shell(strategy.install[0]?.argv)).toContain(install)
})

test('a lockfile comes first and needs no date; later rungs resolve as of the merge, and at last as of today', async () => {
  const files = { 'package.json': { scripts: { test: 'mocha' } }, 'package-lock.json': lock }
  const proposals = await node.propose(contextOf(files))
  expect(proposals.map(({ strategy }) => strategy.name)).toEqual([
    'lockfile',
    'lockfile-preferred',
    'lockfile-scripts',
    'lockfile-node-20',
    'as-of',
    'as-of-legacy-peers',
    'newest-legacy-peers',
  ])
  expect(proposals.map(({ strategy }) => strategy.asOf === null)).toEqual([true, false, true, true, false, false, true])
  expect(proposals.at(-1)?.strategy.flags).toEqual(['registry-times-unsure'])
})

test('locked addresses lead to the gateway', async () => {
  const locked = {
    lockfileVersion: 3,
    packages: { 'node_modules/a': { version: '1.0.0', resolved: 'https://some.host/a/-/a-1.0.0.tgz' } },
  }
  const { strategy } = await first({
    'package.json': { scripts: { test: 'mocha' } },
    'package-lock.json': locked,
    '.npmrc': 'registry=https://some.host\nlegacy-peer-deps=true',
  })
  const overrides = new Map(strategy.overrides.map(({ path, content }) => [path, content]))
  expect(overrides.get('package-lock.json')).toContain('http://127.0.0.1:4873/a/-/a-1.0.0.tgz')
  expect(overrides.get('.npmrc')).toBe('legacy-peer-deps=true')
})

test('a development dependency that only a git host has is left out and said', async () => {
  const { strategy } = await first({
    'package.json': { scripts: { test: 'mocha' }, devDependencies: { mocha: '^10', tool: 'someone/tool' } },
  })
  expect(strategy).toMatchObject({ name: 'as-of-trimmed', flags: ['dependencies-trimmed'] })
  expect(strategy.overrides).toEqual([{ path: 'package.json', content: expect.not.stringContaining('someone/tool') }])
  expect(strategy.evidence).toContain('left out: tool')
})

test('one that the tests load is not left out', async () => {
  const { strategy } = await first({
    'package.json': { scripts: { test: 'mocha' }, devDependencies: { tool: 'someone/tool' } },
    'test/a.js': "require('tool/deep')",
  })
  expect(strategy).toMatchObject({ name: 'as-of', flags: [], overrides: [] })
})

test('the lean rung keeps what tests, builds and settings come near, and its family', async () => {
  const devDependencies = {
    mocha: '1',
    'mocha-junit': '1',
    rimraf: '1',
    '@babel/core': '1',
    '@babel/cli': '1',
    semver: '1',
    eslint: '1',
    'release-it': '1',
    '@types/node': '1',
  }
  const files = {
    'package.json': {
      scripts: {
        test: 'npm run build && mocha',
        build: 'babel src -d lib',
        release: 'release-it',
        clean: 'rimraf lib',
      },
      devDependencies,
    },
    'test/a.js': "import semver from 'semver'",
  }
  const lean = (await node.propose(contextOf(files))).find(({ strategy }) => strategy.name.includes('lean'))
  const manifest = JSON.parse(lean?.strategy.overrides.find(({ path }) => path === 'package.json')?.content ?? '{}')
  expect(Object.keys(manifest.devDependencies).sort()).toEqual([
    '@babel/cli',
    '@babel/core',
    '@types/node',
    'mocha',
    'mocha-junit',
    'semver',
  ])
})

test('builds of the test script run before it, without its linters', async () => {
  const scripts = {
    pretest: 'npm run build && npm run lint',
    build: 'rimraf lib && tsc',
    lint: 'eslint .',
    test: 'mocha',
  }
  const { strategy, invocations } = await first({ 'package.json': { scripts } })
  expect(strategy.build.map(({ argv }) => shell(argv))).toEqual(['npm run build'])
  expect(invocations.map(({ program }) => program)).toEqual(['mocha'])
})

test('a build step that stands beside tests runs alone, with its variables and the repository’s bins', async () => {
  const { strategy } = await first({ 'package.json': { scripts: { test: 'NODE_ENV=test tsc -p . && mocha' } } })
  expect(strategy.build).toMatchObject([
    {
      argv: ['tsc', '-p', '.'],
      variables: { NODE_ENV: 'test', PATH: expect.stringMatching(/^\/testbed\/node_modules\/\.bin:\/env\/node\/bin/) },
    },
  ])
})

test.each([
  ["import x from '../dist/index.js'", true],
  ["import x from 'subject'", true],
  ["require('..')", true],
  ["spawn('node', ['./dist/cli.js'])", true],
  ["import x from '../src/index.js'", false],
])('tests that hold %s need the build: %s', async (source, needed) => {
  const files = {
    'package.json': { name: 'subject', main: './dist/index.js', scripts: { test: 'vitest run', build: 'tsup' } },
    'src/index.ts': '',
    'test/a.test.ts': source,
  }
  const { strategy } = await first(files, ['src/index.ts'], ['test/a.test.ts'])
  expect(strategy.build.length > 0).toBe(needed)
})

test('no build of documentation, manual pages or types', async () => {
  const scripts = {
    test: 'npm run build && mocha',
    build: 'npm run build:js && npm run build:types && npm run docs',
    'build:js': 'rollup -c',
    'build:types': 'tsc',
    docs: 'node docs/build.js',
  }
  const { strategy } = await first({ 'package.json': { scripts } })
  expect(strategy.build.map(({ argv }) => shell(argv))).toEqual(['npm run build:js'])
})

test('as of today, TypeScript still keeps to the release lines of the merge', async () => {
  const files = {
    'package.json': { scripts: { test: 'mocha' }, devDependencies: { typescript: '^5.0.0', mocha: '^10' } },
  }
  const newest = (await node.propose(contextOf(files))).find(({ strategy }) => strategy.name.startsWith('newest'))
  const manifest = JSON.parse(newest?.strategy.overrides[0]?.content ?? '{}')
  expect(manifest.devDependencies).toEqual({ typescript: '^5.0.0 <5.8.0', mocha: '^10' })
})

test('what a linting script starts is no build', async () => {
  const scripts = {
    test: 'npm run build && npm run lint && mocha',
    build: 'tsup',
    prelint: 'generate-things',
    lint: 'own-checker src',
  }
  const { strategy } = await first({ 'package.json': { scripts } })
  expect(strategy.build.map(({ argv }) => shell(argv))).toEqual(['npm run build'])
})

const monorepo = {
  'package.json': { name: 'root', private: true, scripts: { test: 'pnpm -r test' } },
  'pnpm-workspace.yaml': 'packages: ["packages/*"]',
  'pnpm-lock.yaml': "lockfileVersion: '9.0'",
  'packages/a/package.json': { name: '@x/a', scripts: { test: 'vitest run' }, dependencies: { '@x/b': 'workspace:*' } },
  'packages/a/src/index.ts': '',
  'packages/b/package.json': {
    name: '@x/b',
    main: 'dist/index.js',
    scripts: { test: 'vitest run', build: 'tsup' },
    dependencies: { '@x/c': 'workspace:*' },
  },
  'packages/c/package.json': { name: '@x/c', main: 'lib/index.js', scripts: { prepare: 'tsc' } },
}

test('in a workspace the touched packages’ tests run, what they depend on is built first, in order', async () => {
  const { strategy, invocations } = await first(monorepo, ['packages/a/src/index.ts'], [])
  expect(invocations.map(({ directory }) => directory)).toEqual(['packages/a'])
  expect(strategy.build.map(({ argv, directory }) => `${shell(argv)} in ${directory}`)).toEqual([
    'pnpm run prepare in packages/c',
    'pnpm run build in packages/b',
  ])
})

test('the root’s own run goes before the packages’', async () => {
  const { invocations } = await first(
    { ...monorepo, 'package.json': { name: 'root', scripts: { test: 'vitest run' } } },
    ['packages/a/src/index.ts'],
    [],
  )
  expect(invocations.map(({ directory }) => directory)).toEqual(['.'])
})

test('without a test script: another script, the workflow, or the bare framework', async () => {
  const none = { test: 'echo "Error: no test specified" && exit 1' }
  expect((await first({ 'package.json': { scripts: { ...none, 'test:unit': 'jest' } } })).invocations[0]?.program).toBe(
    'jest',
  )
  const ci = 'jobs: { t: { runs-on: ubuntu-latest, steps: [{ run: npx ava }] } }'
  expect(
    (await first({ 'package.json': { scripts: none }, '.github/workflows/t.yml': ci })).invocations[0]?.program,
  ).toBe('ava')
  expect((await first({ 'package.json': { devDependencies: { vitest: '^3' } } })).invocations[0]).toMatchObject({
    program: 'vitest',
    arguments: ['run'],
  })
})

test('native parts of a lockfile are built one by one, all else installs without scripts', async () => {
  const locked = {
    lockfileVersion: 3,
    packages: { 'node_modules/addon': { version: '1.0.0', hasInstallScript: true, dependencies: { nan: '^2' } } },
  }
  const files = { 'package.json': { scripts: { test: 'mocha' } }, 'package-lock.json': locked }
  const { strategy } = await first(files)
  expect(strategy.install.map(({ argv }) => shell(argv))).toEqual(['npm ci --ignore-scripts', 'npm rebuild addon'])
  expect((await names(files)).slice(0, 2)).toEqual(['lockfile-native', 'lockfile'])
})

test('patch-package is part of the install', async () => {
  const { strategy } = await first({
    'package.json': { scripts: { postinstall: 'patch-package', test: 'mocha' } },
    'patches/a+1.0.0.patch': '',
  })
  expect(strategy.install.map(({ argv }) => argv[0])).toEqual(['npm', 'patch-package'])
  expect(
    await node.keyPaths(contextOf({ 'patches/a+1.0.0.patch': '', 'src/a.js': '', 'a/package.json': '{}' }).tree),
  ).toEqual(['patches/a+1.0.0.patch', 'a/package.json'])
})

test('nothing is proposed without a readable manifest', async () => {
  expect(await node.propose(contextOf({ 'package.json': '{' }))).toEqual([])
  expect(node.detect(contextOf({ 'setup.py': '' }).tree)).toBe(false)
})
