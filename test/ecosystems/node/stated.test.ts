import { expect, test } from 'vitest'
import { node } from '../../../src/ecosystems/node/index.ts'
import type { Proposal } from '../../../src/ecosystems/types.ts'
import type { EnvironmentSettings } from '../../../src/model/index.ts'
import { contextOf } from './memory-tree.ts'

const lock = { lockfileVersion: 3, packages: {} }
const files = {
  'package.json': { scripts: { test: 'mocha', build: 'tsc' } },
  'package-lock.json': lock,
  'src/a.js': '',
  'test/a.js': '',
}

async function proposals(
  stated: EnvironmentSettings,
  tree: Readonly<Record<string, unknown>> = files,
): Promise<readonly Proposal[]> {
  return node.propose({ ...contextOf(tree, ['src/a.js'], ['test/a.js']), stated })
}

async function first(stated: EnvironmentSettings, tree: Readonly<Record<string, unknown>> = files): Promise<Proposal> {
  const [proposal] = await proposals(stated, tree)
  if (proposal === undefined) throw new Error('nothing proposed')
  return proposal
}

const scripts = ({ strategy }: Proposal, what: 'install' | 'build') =>
  strategy[what].map(({ argv, directory }) => [argv.slice(0, 2).join(' ') === 'sh -c' ? argv[2] : argv, directory])

test('stated install commands are the first strategy: exactly these, led to the gateway as all others', async () => {
  const install = ['npm ci', './scripts/prepare.sh "a b" && true']
  const { strategy, invocations } = await first({ install, build: ['npm run build'], toolchain: { node: '20' } })
  expect(strategy.name).toBe('quarry-yml')
  expect(strategy.install.map(({ argv }) => argv)).toEqual(install.map((text) => ['sh', '-c', text]))
  expect(strategy.build.map(({ argv }) => argv)).toEqual([['sh', '-c', 'npm run build']])
  expect(strategy.install[0]?.variables).toMatchObject({
    npm_config_registry: 'http://127.0.0.1:4873/',
    PATH: expect.stringMatching(/^\/testbed\/node_modules\/\.bin:\/env\/node\/bin:/),
  })
  expect(strategy.overrides.map(({ path }) => path)).toContain('package-lock.json')
  expect(strategy.toolchain.node).toBe('20.18.3')
  expect(strategy.flags).toEqual([])
  expect(strategy.stated).toMatchObject({ 'environment.install': install, 'environment.toolchain.node': '20' })
  expect(invocations).toMatchObject([{ program: 'mocha' }])
})

test('the strategies after it follow all but the install, and say so', async () => {
  const [own, ...others] = await proposals({ install: ['npm ci'], toolchain: { node: '20' } })
  expect(own?.strategy.name).toBe('quarry-yml')
  expect(others.map(({ strategy }) => strategy.name)).toContain('lockfile')
  for (const { strategy } of others.filter((each) => !each.strategy.name.startsWith('quarry-yml'))) {
    expect(strategy.toolchain.node).toBe('20.18.3')
    expect(strategy.flags).toContain('settings-not-followed')
    expect(strategy.evidence.join('\n')).toContain('environment.install: ["npm ci"]')
    expect(strategy.stated).toEqual({ 'environment.toolchain.node': '20' })
  }
})

test('only a Node is stated: every strategy has it, and none is flagged', async () => {
  const all = await proposals({ toolchain: { node: '18' } })
  expect(all.map(({ strategy }) => strategy.toolchain.node)).toEqual(all.map(() => '18.19.0'))
  expect(all.flatMap(({ strategy }) => strategy.flags)).not.toContain('settings-not-followed')
  expect(all[0]?.strategy).toMatchObject({ name: 'lockfile', stated: { 'environment.toolchain.node': '18' } })
  expect(all[0]?.strategy.evidence[0]).toBe('node 18.19.0 ← .github/quarry.yml (18)')
})

test('nothing of the environment is stated: the strategies are what they were', async () => {
  const context = contextOf(files, ['src/a.js'], ['test/a.js'])
  const strategies = async (given: typeof context) => (await node.propose(given)).map(({ strategy }) => strategy)
  expect(await strategies({ ...context, stated: null })).toEqual(await strategies(context))
  expect(JSON.stringify(await strategies({ ...context, stated: {} }))).toBe(JSON.stringify(await strategies(context)))
})

test.each([
  [{ command: 'npx vitest run --dir unit' }, 'vitest', ['run', '--dir', 'unit']],
  [{ command: 'npm test' }, 'mocha', []],
  [{ framework: 'jest' }, 'jest', []],
  [{ framework: 'vitest' }, 'vitest', ['run']],
  [{ framework: 'node:test' }, 'node', ['--test']],
  [{ framework: 'mocha', command: 'npm run build && mocha test' }, 'mocha', ['test']],
])('the stated test %j starts %s in every strategy', async (stated, program, given) => {
  for (const { invocations, unfollowed } of await proposals({ test: stated })) {
    expect(unfollowed).toBeUndefined()
    expect(invocations).toMatchObject([{ program, arguments: given }])
  }
})

test.each([
  [{ toolchain: { node: '99' } }, 'toolchain-not-available', 'environment.toolchain.node', '99'],
  [{ toolchain: { node: 'newest one' } }, 'toolchain-not-available', 'environment.toolchain.node', 'newest one'],
  [{ test: { framework: 'karma' } }, 'no-test-framework', 'environment.test.framework', 'karma'],
  [{ test: { command: 'make check' } }, 'no-test-framework', 'environment.test.command', 'make check'],
  [
    { test: { framework: 'jest', command: 'npx vitest run' } },
    'no-test-framework',
    'environment.test.command',
    'npx vitest run',
  ],
  [{ directory: 'packages/none' }, 'no-test-framework', 'environment.directory', 'packages/none'],
])(
  '%j can not be followed: an attempt fails with the setting quoted, and the rest is flagged',
  async (stated, reason, setting, value) => {
    const [own, ...others] = await proposals({ install: ['npm ci'], ...stated })
    expect(own?.strategy.name).toBe('quarry-yml')
    expect(own?.unfollowed).toMatchObject({ reason, evidence: { settings: [{ setting, value }] } })
    expect(others.map(({ strategy }) => strategy.name)).toContain('lockfile')
    for (const { strategy, unfollowed } of others) {
      expect(unfollowed).toBeUndefined()
      expect(strategy.flags).toContain('settings-not-followed')
      expect(strategy.evidence.join('\n')).toContain(
        `not followed: .github/quarry.yml ${setting}: ${JSON.stringify(value)}`,
      )
      expect(strategy.stated ?? {}).not.toHaveProperty([setting])
    }
  },
)

test('commands run in each of the stated folders in turn, and tests only there', async () => {
  const tree = {
    'package.json': { workspaces: ['packages/*'], scripts: { test: 'npm test --workspaces' } },
    'package-lock.json': lock,
    ...Object.fromEntries(
      ['a', 'b', 'c'].map((name) => [`packages/${name}/package.json`, { name, scripts: { test: 'mocha' } }]),
    ),
  }
  const directory = ['packages/a', './packages/b/']
  const proposal = await first({ directory, install: ['npm ci', 'npm rebuild'], build: ['npx tsc'] }, tree)
  expect(scripts(proposal, 'install')).toEqual([
    ['npm ci', 'packages/a'],
    ['npm rebuild', 'packages/a'],
    ['npm ci', 'packages/b'],
    ['npm rebuild', 'packages/b'],
  ])
  expect(scripts(proposal, 'build')).toEqual([
    ['npx tsc', 'packages/a'],
    ['npx tsc', 'packages/b'],
  ])
  expect(proposal.invocations.map(({ directory }) => directory)).toEqual(['packages/a', 'packages/b'])
})

test('an empty list of builds means that there is nothing to build', async () => {
  const tree = { ...files, 'package.json': { scripts: { test: 'tsc && mocha', build: 'tsc' } } }
  expect(scripts(await first({}, tree), 'build')).not.toEqual([])
  for (const proposal of await proposals({ build: [] }, tree)) expect(scripts(proposal, 'build')).toEqual([])
})

test.each([
  [['npm ci'], {}, true],
  [['npm ci'], { prepare: 'husky' }, false],
  [['npm ci --ignore-scripts'], { prepare: 'node build.js' }, true],
  [['npm ci', './scripts/prepare.sh'], {}, false],
  [['pnpm install --frozen-lockfile'], {}, true],
  [['npm ci && node x.js'], {}, false],
])('an install by %j with the scripts %j is shared between states: %s', async (install, own, shared) => {
  const tree = { ...files, 'package.json': { scripts: { test: 'mocha', ...own } } }
  const { strategy } = await first({ install }, tree)
  expect('QUARRY_TREE' in (strategy.install[0]?.variables ?? {})).toBe(!shared)
})

test.each([
  [['npm ci'], null],
  [['npm install'], '2024-12-20T12:00:00.000Z'],
  [['npm ci', 'npm install left-pad'], '2024-12-20T12:00:00.000Z'],
])('an install by %j asks the registry as of %s', async (install, asOf) => {
  expect((await first({ install })).strategy.asOf).toBe(asOf)
})
