import type { TreeReader } from '../../model/index.ts'
import { loadedModules } from './foreign-dependencies.ts'
import { textsIn } from './manifest.ts'
import { roleOf } from './programs.ts'
import { programsIn } from './scripts.ts'
import type { TestWork } from './test-work.ts'
import type { Package } from './workspaces.ts'

/** Programs whose package has another name. */
const packagesOfPrograms: Readonly<Record<string, readonly string[]>> = {
  tsc: ['typescript'],
  babel: ['@babel/cli', 'babel-cli'],
  'run-s': ['npm-run-all', 'npm-run-all2'],
  'run-p': ['npm-run-all', 'npm-run-all2'],
  uglifyjs: ['uglify-js'],
  'babel-node': ['@babel/node', 'babel-cli'],
  swc: ['@swc/cli'],
  'ng-packagr': ['ng-packagr'],
  grunt: ['grunt', 'grunt-cli'],
  gulp: ['gulp', 'gulp-cli'],
  webpack: ['webpack', 'webpack-cli'],
  tap: ['tap', '@tapjs/core'],
  'ts-mocha': ['ts-mocha'],
  nps: ['nps'],
  sass: ['sass', 'node-sass'],
  copyfiles: ['copyfiles'],
  cpx: ['cpx', 'cpx2'],
}

/** Settings files and manifest keys that only linters and release tools read. */
const lintSettings =
  /(?:^|\/)(?:\.?eslint|\.?prettier|\.?stylelint|\.?commitlint|\.?release|\.?lintstaged|\.?husky|renovate|\.?xo-config|tslint|\.?jshint|\.?jscs|\.verb|biome|\.?remark|\.?markdownlint)/
const lintKeys = new Set([
  'eslintConfig',
  'eslintIgnore',
  'xo',
  'prettier',
  'stylelint',
  'husky',
  'lint-staged',
  'commitlint',
  'release',
  'standard',
  'verb',
  'config',
  'publishConfig',
  'files',
  'keywords',
  'scripts',
  'repository',
  'renovate',
  'dependencies',
  'devDependencies',
  'optionalDependencies',
  'peerDependencies',
  'contributors',
  'author',
  'standard-version',
  'auto-changelog',
  'pre-commit',
  'greenkeeper',
  'resolutions',
  'overrides',
  'pnpm',
  'np',
  'remarkConfig',
  'simple-git-hooks',
])

/**
 * Development dependencies that neither tests nor builds come near: no code loads them, no settings but a linter's name them,
 * and no program of a test or build script comes of them or of their family (`rollup` keeps `rollup-plugin-x`).
 */
export async function idleDependencies(
  tree: TreeReader,
  packages: readonly Package[],
  tests: TestWork,
): Promise<ReadonlySet<string>> {
  const declared = new Set(packages.flatMap(({ manifest }) => Object.keys(manifest.devDependencies)))
  const kept = new Set(
    packages.flatMap(({ manifest }) => Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })),
  )
  const loaded = await loadedModules(tree, declared)
  const words = wordsOf(tests)
  const settings = await settingsTexts(tree, packages)
  for (const name of declared) {
    const isNamed =
      settings.some((text) => text.includes(name)) || words.has(name) || words.has(name.replace(/^@[^/]+\//, ''))
    if (loaded.has(name) || isNamed || name === 'typescript' || name.startsWith('@types/')) kept.add(name)
  }
  for (const word of words) for (const name of packagesOfPrograms[word] ?? []) if (declared.has(name)) kept.add(name)
  for (const name of declared) if (isFamily(name, kept)) kept.add(name)
  return new Set([...declared].filter((name) => !kept.has(name)))
}

/** Programs of tests and builds, and the modules that their arguments name. */
function wordsOf(tests: TestWork): ReadonlySet<string> {
  const programs = tests.steps
    .flatMap(programsIn)
    .filter((program) => ['test', 'build'].includes(roleOf(program.invocation)))
  const words = programs.flatMap(({ invocation, words: own }) => [
    ...own,
    invocation.program,
    ...invocation.nodeArguments,
    ...invocation.arguments,
  ])
  const all = [
    ...words,
    ...tests.invocations.flatMap(({ program, arguments: given, nodeArguments }) => [
      program,
      ...given,
      ...nodeArguments,
    ]),
  ]
  return new Set(
    all.flatMap((word) => [
      word,
      word.split('=').at(-1) ?? word,
      word.split('/')[0] ?? word,
      word.split('/').slice(0, 2).join('/'),
    ]),
  )
}

async function settingsTexts(tree: TreeReader, packages: readonly Package[]): Promise<readonly string[]> {
  const inManifests = packages.flatMap(({ manifest }) =>
    Object.entries(manifest.raw).flatMap(([key, value]) =>
      lintKeys.has(key) ? [] : [key, ...textsIn(value), ...keysIn(value)],
    ),
  )
  const homes = packages.map(({ directory }) => (directory === '.' ? '' : `${directory}/`))
  const files = tree.paths.filter((path) =>
    homes.some(
      (home) =>
        path.startsWith(home) && /^(?:\.[^/]+|[^/]+\.(?:json|[cm]?[jt]s|ya?ml|opts))$/.test(path.slice(home.length)),
    ),
  )
  const read = await Promise.all(
    files
      .filter(
        (path) =>
          !lintSettings.test(path) &&
          !/(?:^|\/)(?:package(?:-lock)?|npm-shrinkwrap|bower|component)\.json$|-lock\.yaml$/.test(path),
      )
      .map((path) => tree.read(path)),
  )
  return [...inManifests, ...read.filter((text) => text !== null)]
}

function keysIn(value: unknown): string[] {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.entries(value).flatMap(([key, inner]) => [key, ...keysIn(inner)])
    : []
}

function isFamily(name: string, kept: ReadonlySet<string>): boolean {
  const scope = name.startsWith('@') ? name.slice(1).split('/')[0] : undefined
  for (const other of kept) {
    if (
      name.startsWith(`${other}-`) ||
      scope === other ||
      (scope !== undefined && scope !== 'types' && other.startsWith(`@${scope}/`))
    )
      return true
  }
  return false
}
