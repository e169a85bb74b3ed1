import type { PathKind } from '../model/index.ts'

/**
 * What a path is for, by the conventions of the ecosystems alone: no content, no configuration. The snapshot stage
 * looks closer (`snapshot/kinds.ts`); miners use this for cheap refusals.
 *
 * Rules stand on the path's directories from the outside in, because the outermost that says something decides:
 * `vendor/x/test/a.js` is vendored, `test/fixtures/vendor/a.js` belongs to the tests.
 */
const testDirectories = new Set([
  'test',
  'tests',
  '__tests__',
  '__test__',
  'spec',
  'specs',
  '__specs__',
  'e2e',
  'test-d',
  'test-dts',
  '__typetests__',
  'type-tests',
  'unit-tests',
  'integration-tests',
  'functional-tests',
  'e2e-tests',
  'cypress',
  'dtslint',
  'androidtest',
])
const supportDirectories = new Set([
  '__snapshots__',
  '__mocks__',
  '__fixtures__',
  '__image_snapshots__',
  'fixtures',
  'fixture',
  'testdata',
  'test-data',
  'test_data',
  'test-fixtures',
  'test-utils',
  'test_utils',
  'testutils',
  'test-helpers',
  'test_helpers',
  'testhelpers',
])
/** Inside a test directory, these hold what tests use and no tests. */
const supportInsideTests = new Set([
  ...supportDirectories,
  'helper',
  'helpers',
  'support',
  'util',
  'utils',
  'data',
  'mocks',
  'mock',
  'stubs',
  'resources',
  'assets',
  'snapshots',
  'lib',
  'common',
])
const vendoredDirectories = new Set([
  'vendor',
  'vendored',
  'third_party',
  'third-party',
  'thirdparty',
  'node_modules',
  'bower_components',
])
const generatedDirectories = new Set(['dist', 'coverage', '.nyc_output', '.next', '.output', 'target', '__pycache__'])
const ciDirectories = new Set([
  '.github',
  '.gitlab',
  '.circleci',
  '.buildkite',
  '.husky',
  '.teamcity',
  '.azure-pipelines',
  '.ci',
])
const docsDirectories = new Set(['docs', 'doc', 'website', 'examples', 'example', 'documentation'])
const changelogDirectories = new Set(['.changeset', '.changes', 'changelog', 'changelogs', 'newsfragments'])

const codeName = /\.(?:[cm]?[jt]sx?|vue|svelte|astro|coffee|py|pyi|go|rs|java|kt|kts|scala|groovy|rb|rake)$/i
const testName =
  /(?:^|[._-])(?:tests?|spec|specs|e2e|cy)(?:-d)?\.(?:[\w-]+\.)?(?:[cm]?[jt]sx?|vue|svelte|coffee|snap)$|\.test-d\.[cm]?tsx?$|^(?:tests?[_-].+|.+_test|tests)\.py$|_test\.go$|^test_(?!helpers?\.|case\.|utils?\.|support\.).+\.rb$|_(?:tests?|specs?)\.rb$|^(?:tests|.+_tests?)\.rs$|(?:Tests?|TestCase|IT|Spec)\.(?:java|kt|scala|groovy)$/
const supportName =
  /\.snap$|^conftest\.py$|^(?:jest|vitest|vite-?test|mocha|karma|ava|playwright|cypress|web-test-runner|tap|wallaby)[.-](?:[\w-]+\.)*(?:config|conf|setup|workspace|preset|projects|opts)(?:\.[\w-]+)?$|^(?:karma\.conf)\.|^ava\.config\.|^\.(?:mocharc|taprc|nycrc|c8rc|jasmine|tapeignore)(?:\..+)?$|^setup-?tests?\.[cm]?[jt]sx?$|^(?:test|spec|rails|minitest)_helper\.rb$|^\.(?:rspec|rspec-local|simplecov)$|^(?:\.?pytest\.(?:ini|toml)|tox\.ini|\.coveragerc)$|^test-?(?:utils?|helpers?|setup|support)\.(?:[cm]?[jt]sx?|py|go|rs)$/i
const helperName =
  /^(?:_.*|.*[._-])?(?:helpers?|utils?|setup|teardown|common|support|mocks?|stubs?|fixtures?|globals?|harness|bootstrap)\.[^.]+$|\.d\.[cm]?ts$|^__init__\.py$/i
const changelogName =
  /^(?:changelog|changes|history|news|releases?|release[-_]?notes|upgrading|migrating|migration)(?:[-_.][\w.-]+)?$/i
const lockfileName =
  /^(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.ya?ml|bun\.lockb?|deno\.lock|poetry\.lock|uv\.lock|pdm\.lock|Pipfile\.lock|Cargo\.lock|go\.sum|go\.work\.sum|gradle\.lockfile|Gemfile\.lock|gems\.locked)$/
const manifestName =
  /^(?:package\.json|pnpm-workspace\.ya?ml|lerna\.json|deno\.jsonc?|jsr\.json|bower\.json|component\.json|\.npmrc|\.yarnrc(?:\.yml)?|\.nvmrc|\.node-version|\.tool-versions|pyproject\.toml|setup\.(?:py|cfg)|requirements[\w.-]*\.txt|Pipfile|MANIFEST\.in|Cargo\.toml|rust-toolchain(?:\.toml)?|go\.mod|go\.work|pom\.xml|[\w.-]+\.gradle(?:\.kts)?|gradle(?:-daemon-jvm)?\.properties|[\w.-]+\.versions\.toml|Gemfile|gems\.rb|Rakefile|.+\.gemfile|.+\.gemspec|\.ruby-version)$/
const ciName =
  /^(?:\.travis\.yml|\.gitlab-ci\.yml|appveyor\.yml|\.appveyor\.yml|azure-pipelines\.yml|Jenkinsfile|codecov\.yml|\.codecov\.yml|\.coveralls\.yml|renovate\.json5?|(?:eslint|prettier|stylelint|commitlint|lint-staged|xo|oxlint|knip|release|semantic-release|typedoc|size-limit)\.config\.[cm]?[jt]s|biome\.jsonc?|knip\.jsonc?|typedoc\.json|tslint\.json|\.(?:eslintrc|eslintignore|prettierrc|prettierignore|editorconfig|jshintrc|jscsrc|stylelintrc|markdownlint|remarkrc|commitlintrc|releaserc|size-limit|gitignore|gitattributes|npmignore|mailmap|cspell|xo-config|codeclimate)(?:\.\w+)?|\.renovaterc(?:\.json)?|dependabot\.yml|\.mergify\.yml|netlify\.toml|vercel\.json|\.lintstagedrc.*|\.pre-commit-config\.yaml|\.cirrus\.yml|\.drone\.yml|noxfile\.py|\.flake8|\.pylintrc|pylintrc|mypy\.ini|\.readthedocs\.ya?ml)$/
const docsName =
  /\.(?:md|mdx|markdown|rst|rdoc|adoc|asciidoc)$|^(?:readme|license|licence|copying|notice|authors|contributors|maintainers|contributing|code_of_conduct|security|codeowners|funding|citation)(?:[-_.][\w.-]+)?$|^\.all-contributorsrc$/i
const generatedName =
  /(?:\.min\.(?:js|mjs|css)|\.(?:js|mjs|cjs|css)\.map|\.generated\.\w+|_generated\.\w+|\.g\.ts|\.pb\.go|_pb2(?:_grpc)?\.py)$/i

const languageNames: readonly (readonly [RegExp, string])[] = [
  [/\.[cm]?jsx?$/i, 'javascript'],
  [/\.[cm]?tsx?$/i, 'typescript'],
  [/\.pyi?$/i, 'python'],
  [/\.go$/i, 'go'],
  [/\.rs$/i, 'rust'],
  [/\.java$/i, 'java'],
  [/\.kts?$/i, 'kotlin'],
  [/\.scala$/i, 'scala'],
  [/\.groovy$/i, 'groovy'],
  [/\.(?:rb|rake)$/i, 'ruby'],
  [/\.(?:c|h|cc|cpp|cxx|hpp|hh)$/i, 'c'],
  [/\.cs$/i, 'csharp'],
  [/\.php$/i, 'php'],
  [/\.swift$/i, 'swift'],
  [/\.(?:vue|svelte|astro)$/i, 'javascript'],
]

/** The language's name by the file's extension, null for what is no program; `isSupported` says whether Quarry can look inside. */
export function languageOf(path: string): string | null {
  return languageNames.find(([extension]) => extension.test(path))?.[1] ?? null
}

/** True where the extension is one that programs are written in, whether or not Quarry has its grammar. */
export function isCode(path: string): boolean {
  return codeName.test(path)
}

/** True where the file's own name says that it is a test, wherever it lies. */
export function isTestName(path: string): boolean {
  return testName.test(baseName(path))
}

/** Never `mixed`: that takes a look inside the file. */
export function kindByPath(path: string): PathKind {
  const directories = path.toLowerCase().split('/').slice(0, -1)
  const name = baseName(path)
  for (const [depth, directory] of directories.entries()) {
    const kind = kindOfDirectory(directory, directories, depth)
    if (kind === 'test') return kindInTests(name, directories.slice(depth + 1))
    if (kind !== null) return kind
  }
  return kindByName(name)
}

function kindOfDirectory(directory: string, all: readonly string[], depth: number): PathKind | null {
  if (vendoredDirectories.has(directory)) return 'vendored'
  if (testDirectories.has(directory) || isTestSourceSet(all, depth)) return 'test'
  if (supportDirectories.has(directory) && !isPackageFolder(all, depth)) return 'test-support'
  if (changelogDirectories.has(directory) && startsProject(all, depth)) return 'changelog'
  if (depth === 0 && ciDirectories.has(directory)) return 'ci'
  if (generatedDirectories.has(directory) && startsProject(all, depth)) return 'generated'
  if (docsDirectories.has(directory) && startsProject(all, depth)) return 'docs'
  return null
}

/** `src/it`, `src/integrationTest`, `src/jvmTest`: sets of sources beside `src/main`, as Maven and Gradle name them. */
function isTestSourceSet(all: readonly string[], depth: number): boolean {
  const directory = all[depth] ?? ''
  return (
    all[depth - 1] === 'src' &&
    /^(?:it|itest|(?:integration|int|functional|unit|component|acceptance|common|jvm)-?tests?|test-?fixtures)$/.test(
      directory,
    )
  )
}

/** `packages/test-utils`: a package of its own, so nothing can be said before looking into who uses it. */
function isPackageFolder(all: readonly string[], depth: number): boolean {
  return depth === 1 && /^(?:packages|apps|libs|modules|crates|plugins|workspaces)$/.test(all[0] ?? '')
}

/** At the root, or at the root of a package: `src/docs/` and `lib/dist/` are names of modules like any other. */
function startsProject(all: readonly string[], depth: number): boolean {
  return depth === 0 || (depth === 2 && isPackageFolder(all, 1))
}

function kindInTests(name: string, below: readonly string[]): PathKind {
  if (!isCode(name) || below.some((directory) => supportInsideTests.has(directory))) return 'test-support'
  if (testName.test(name)) return 'test'
  return supportName.test(name) || helperName.test(name) ? 'test-support' : 'test'
}

function kindByName(name: string): PathKind {
  const stem = name.replace(/\.[^.]+$/, '')
  if (lockfileName.test(name)) return 'lockfile'
  if (manifestName.test(name)) return 'manifest'
  if (supportName.test(name)) return 'test-support'
  if (testName.test(name)) return name.endsWith('.snap') ? 'test-support' : 'test'
  if (changelogName.test(stem) && !isCode(name)) return 'changelog'
  if (ciName.test(name)) return 'ci'
  if (docsName.test(name)) return 'docs'
  return generatedName.test(name) ? 'generated' : 'source'
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
