import { expect, test } from 'vitest'
import { parseManifest } from '../../../src/ecosystems/node/manifest.ts'
import { roleOf } from '../../../src/ecosystems/node/programs.ts'
import { expandScript, programsIn } from '../../../src/ecosystems/node/scripts.ts'
import { readPackages } from '../../../src/ecosystems/node/workspaces.ts'
import { memoryTree } from './memory-tree.ts'

async function expanded(scripts: Record<string, string>, more: Record<string, unknown> = {}, name = 'test') {
  const packages = await readPackages(memoryTree({ 'package.json': { name: 'root', scripts, ...more } }))
  const [root] = packages
  if (root === undefined) throw new Error('no root')
  const step = expandScript(packages, root, name)
  return step === null ? [] : programsIn(step).map(({ invocation }) => invocation)
}

async function shown(scripts: Record<string, string>, more: Record<string, unknown> = {}) {
  return (await expanded(scripts, more)).map(
    (each) => `${roleOf(each)}: ${[...each.nodeArguments, each.program, ...each.arguments].join(' ')}`,
  )
}

test.each([
  ['nyc --reporter=text --reporter lcov mocha --recursive', 'test: mocha --recursive'],
  ['nyc -i ts-node/register mocha', 'test: -r ts-node/register mocha'],
  ['c8 -r html --check-coverage node --test', 'test: node --test'],
  ['cross-env NODE_ENV=test vitest run', 'test: vitest run'],
  ['npx --no-install mocha@8 spec', 'test: mocha spec'],
  ['node node_modules/mocha/bin/mocha -b', 'test: mocha -b'],
  ['node --expose-gc ./node_modules/.bin/jest --ci', 'test: --expose-gc jest --ci'],
  ['node --import tsx --test test/*.test.ts', 'test: --import tsx node --test test/*.test.ts'],
  ['tsx --test test/a.test.ts', 'test: --import tsx node --test test/a.test.ts'],
  ['node -r esm test.js', 'test: -r esm node test.js'],
  ['ts-node -T -P tsconfig.test.json test/index.ts', 'test: -r ts-node/register node test/index.ts'],
  ['babel-node test/index.js', 'test: -r @babel/register node test/index.js'],
  ['./node_modules/.bin/ava', 'test: ava'],
  ['yarn jest --ci', 'test: jest --ci'],
  ['pnpm exec vitest', 'test: vitest'],
  ['pnpm vitest', 'test: vitest'],
  ['npm exec -- tap', 'test: tap'],
  ['dotenv -e .env.test -- jest', 'test: jest'],
  ['kcd-scripts test --coverage', 'test: jest --coverage'],
  ['ts-mocha -p tsconfig.json test/*.ts', 'test: mocha -r ts-mocha/src/index.js test/*.ts'],
])('sees through %s', async (script, program) => {
  expect(await shown({ test: script })).toEqual([program])
})

test('variables of wrappers and of the shell reach the program', async () => {
  const [mocha] = await expanded({ test: 'A=1 cross-env B=2 mocha' })
  expect(mocha?.variables).toEqual({ A: '1', B: '2' })
})

test('follows npm run with arguments, hooks and patterns', async () => {
  const scripts = {
    pretest: 'npm run build',
    build: 'run-p build:*',
    'build:a': 'tsc',
    'build:b': 'rollup -c',
    test: 'npm run unit -- --grep x',
    unit: 'mocha test',
    posttest: 'eslint .',
  }
  expect(await shown(scripts)).toEqual([
    'build: tsc',
    'build: rollup -c',
    'test: mocha test --grep x',
    'lint: eslint .',
  ])
})

test.each([
  ["pnpm run '/^(test:unit|test:types)$/'", ['test: vitest', 'lint: tsc --noEmit']],
  ["pnpm run '/^(test:unit$/'", []],
])('pnpm chooses scripts by an expression: %s', async (script, programs) => {
  const scripts = { test: script, 'test:unit': 'vitest', 'test:types': 'tsc --noEmit', 'test:e2e': 'playwright test' }
  expect(await shown(scripts)).toEqual(programs)
})

test('linters and type checks beside tests are told apart', async () => {
  expect(await shown({ test: 'xo && ava && tsd && tsc --noEmit' })).toEqual([
    'lint: xo',
    'test: ava',
    'lint: tsd',
    'lint: tsc --noEmit',
  ])
})

test('concurrently and npm-run-all run their texts', async () => {
  const scripts = {
    test: 'concurrently -k "npm:unit" "echo hi"',
    unit: 'npm-run-all lint mocha',
    lint: 'eslint .',
    mocha: 'mocha',
  }
  expect(await shown(scripts)).toEqual(['lint: eslint .', 'test: mocha', 'idle: echo hi'])
})

test('wireit scripts run their command and dependencies', async () => {
  const wireit = { test: { command: 'uvu tests', dependencies: ['build'] }, build: { command: 'tsc -b' } }
  expect(await shown({ test: 'wireit', build: 'wireit' }, { wireit })).toEqual(['build: tsc -b', 'test: uvu tests'])
})

test('a script that starts itself ends', async () => {
  expect(await shown({ test: 'npm run a', a: 'npm test && mocha' })).toEqual(['test: mocha'])
})

test('cd changes where later programs run', async () => {
  const invocations = await expanded({ test: 'cd packages/a && mocha' })
  expect(invocations[0]?.directory).toBe('packages/a')
})

test('what only runs after a failure is no step', async () => {
  expect(await shown({ test: 'mocha || npm run rescue', rescue: 'jest' })).toEqual(['test: mocha'])
})

test.each([
  'pnpm -r test',
  'pnpm --recursive run test',
  "pnpm -r run '/^te.t$/'",
  'yarn workspaces run test',
  'yarn workspaces foreach -A run test',
  'npm test --workspaces',
  'npm run test -ws',
  'lerna run test',
  'turbo run test',
  'turbo test',
  'nx run-many -t test',
  'nx run-many --target=test',
  'pnpm --filter "./packages/*" test',
])('%s runs the packages’ own tests', async (script) => {
  const tree = memoryTree({
    'package.json': { name: 'root', workspaces: ['packages/*'], scripts: { test: script } },
    'packages/a/package.json': { name: '@x/a', scripts: { test: 'vitest run' } },
    'packages/b/package.json': { name: 'b', scripts: { test: 'mocha' } },
  })
  const packages = await readPackages(tree)
  const [root] = packages
  const step = root === undefined ? null : expandScript(packages, root, 'test')
  const invocations =
    step === null ? [] : programsIn(step).map(({ invocation }) => `${invocation.program} in ${invocation.directory}`)
  expect(invocations).toEqual(['vitest in packages/a', 'mocha in packages/b'])
})

test('odd manifests read as what they hold', () => {
  expect(parseManifest('[]')).toBeNull()
  expect(parseManifest('{')).toBeNull()
  expect(parseManifest('{"scripts":{"test":1,"a":"b"},"name":3}')).toMatchObject({ scripts: { a: 'b' } })
})
