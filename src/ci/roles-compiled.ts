import { splitOptions } from './options.ts'
import { namedRole, type Role, wordOf } from './roles-words.ts'

/** `go test ./...`; benchmarks alone (`-run=^$ -bench=.`) are no tests. */
export function goRole(words: readonly string[]): Role {
  const verb = splitOptions(words, new Set(['-C'])).rest[0] ?? ''
  if (verb === 'test') return goTestRole(words)
  if (verb === 'vet' || verb === 'fmt' || verb === 'fix') return 'lint'
  if (verb === 'tool') return wordOf(words, 1) === 'cover' ? 'measure' : 'build'
  if (['get', 'install', 'mod', 'work'].includes(verb))
    return wordOf(words, 1) === 'verify' || wordOf(words, 1) === 'tidy' ? 'lint' : 'install'
  if (verb === 'build' || verb === 'generate') return 'build'
  return verb === 'run' ? goRunRole(words) : 'idle'
}

function goTestRole(words: readonly string[]): Role {
  const none = words.some((word, at) =>
    /^-run=(?:\^\$|XXX|NONE|\^#|-)$/.test(word.includes('=') ? word : `${word}=${words[at + 1] ?? ''}`),
  )
  if (none || words.includes('-fuzz') || words.some((word) => word.startsWith('-fuzz='))) return 'measure'
  return words.includes('-c') || words.includes('-list') ? 'build' : 'test'
}

/** `go run gotest.tools/gotestsum@latest` starts what the module's name says. */
function goRunRole(words: readonly string[]): Role {
  const target = (words.slice(1).find((word) => !word.startsWith('-')) ?? '').replace(/@.*$/, '')
  if (/gotestsum|ginkgo/.test(target)) return 'test'
  return /golangci|staticcheck|govulncheck|gofumpt|goimports|lint/.test(target)
    ? 'lint'
    : (namedRole(target) ?? 'other')
}

const cargo: Readonly<Record<string, Role>> = {
  ...{
    test: 'test',
    t: 'test',
    nextest: 'test',
    tarpaulin: 'test',
    careful: 'test',
    insta: 'test',
    'llvm-cov': 'test',
    xtest: 'test',
  },
  ...{
    build: 'build',
    b: 'build',
    check: 'build',
    c: 'build',
    run: 'build',
    r: 'build',
    rustc: 'build',
    expand: 'build',
    zigbuild: 'build',
    component: 'build',
  },
  ...{
    clippy: 'lint',
    fmt: 'lint',
    deny: 'lint',
    audit: 'lint',
    outdated: 'lint',
    'semver-checks': 'lint',
    udeps: 'lint',
    machete: 'lint',
    msrv: 'lint',
  },
  ...{
    spellcheck: 'lint',
    sort: 'lint',
    geiger: 'lint',
    vet: 'lint',
    readme: 'lint',
    miri: 'lint',
    'minimal-versions': 'lint',
    rdme: 'lint',
    shear: 'lint',
    semver: 'lint',
  },
  ...{
    doc: 'document',
    rustdoc: 'document',
    'docs-rs': 'document',
    deadlinks: 'document',
    publish: 'publish',
    release: 'publish',
    package: 'publish',
    dist: 'publish',
    deb: 'publish',
    login: 'publish',
  },
  ...{
    install: 'install',
    fetch: 'install',
    update: 'install',
    binstall: 'install',
    'generate-lockfile': 'install',
    add: 'install',
    vendor: 'install',
  },
  ...{
    bench: 'measure',
    criterion: 'measure',
    fuzz: 'measure',
    mutants: 'measure',
    codspeed: 'measure',
    bloat: 'measure',
  },
  ...{ clean: 'clean', version: 'idle', metadata: 'idle', tree: 'idle', hakari: 'lint' },
}

/** `cargo +nightly hack --each-feature test`: the last verb counts, and tests that are not run are a build. */
export function cargoRole(words: readonly string[]): Role {
  const valued = new Set([
    '--manifest-path',
    '--config',
    '-Z',
    '--color',
    '-C',
    '--target',
    '--features',
    '-p',
    '--package',
  ])
  const rest = words[0]?.startsWith('+') === true ? words.slice(1) : words
  const own = splitOptions(rest, valued).rest
  const [verb = '', ...others] = own
  if (verb === 'hack' || verb === 'all-features' || verb === 'hakari' || verb === 'workspaces')
    return cargoRole(splitOptions(others, valuedByHack).rest)
  if (others.includes('--no-run') || others.includes('--list')) return 'build'
  if (verb === 'nextest') return others[0] === 'run' || others[0] === 'r' ? 'test' : 'build'
  if (verb === 'llvm-cov' && ['report', 'clean', 'show-env'].includes(others[0] ?? '')) return 'measure'
  return (Object.hasOwn(cargo, verb) ? cargo[verb] : undefined) ?? namedRole(verb) ?? 'other'
}

const valuedByHack = new Set([
  '--features',
  '--skip',
  '--exclude-features',
  '--include-features',
  '--group-features',
  '--depth',
  '-p',
  '--package',
  '--exclude',
  '--rust-version',
  '--version-range',
  '--partition',
  '--manifest-path',
  '--at-least-one-of',
  '--mutually-exclusive-features',
])

const phases: readonly (readonly [RegExp, Role])[] = [
  [/^(?:deploy|nexus-staging:.*|release:.*|jreleaser:.*)$/, 'publish'],
  [/^(?:test|integration-test|verify|package|install|(?:surefire|failsafe):.*|jacoco:prepare-agent)$/, 'test'],
  [/^(?:site|javadoc:.*)$/, 'document'],
  [
    /^(?:checkstyle|spotless|spotbugs|pmd|enforcer|license|formatter|fmt|animal-sniffer|japicmp|revapi|sonar|versions|impsort|rewrite|org\..*):/,
    'lint',
  ],
  [/^(?:compile|test-compile|process-.*|generate-.*|prepare-package|jar:.*|compiler:.*)$/, 'build'],
  [/^(?:dependency|wrapper|help|toolchains):/, 'install'],
  [/^(?:coveralls|jacoco):report/, 'measure'],
  [/^clean$/, 'clean'],
]

/** Maven's last phases run those before them: `verify` and `package` test, unless they are told to skip that. */
export function mavenRole(words: readonly string[]): Role {
  const { goals, skips } = mavenGoals(words)
  const found = phases.find(([pattern]) => goals.some((goal) => pattern.test(goal)))?.[1]
  if (found === undefined) return goals.length === 0 ? 'idle' : 'other'
  return found === 'test' && skips ? (goals.includes('install') ? 'install' : 'build') : found
}

function mavenGoals(words: readonly string[]): { readonly goals: readonly string[]; readonly skips: boolean } {
  const valued = new Set([
    '-f',
    '--file',
    '-s',
    '--settings',
    '-pl',
    '--projects',
    '-P',
    '-T',
    '-rf',
    '--resume-from',
    '-gs',
    '-t',
    '-D',
    '-l',
  ])
  const goals = words.filter((word, at) => !word.startsWith('-') && !valued.has(words[at - 1] ?? ''))
  const skips = words.some((word) =>
    /^-D(?:skipTests|maven\.test\.skip(?:\.exec)?|skip\.tests|skipUnitTests)(?:=true)?$/.test(word),
  )
  return { goals, skips }
}

/** `./gradlew :core:check -x test`: `build` and `check` test, unless the test task is left out. */
export function gradleRole(words: readonly string[]): Role {
  const valued = new Set([
    '-p',
    '--project-dir',
    '-b',
    '-c',
    '--settings-file',
    '-I',
    '--init-script',
    '-g',
    '--tests',
    '-x',
    '--exclude-task',
    '--console',
    '--max-workers',
    '--configuration',
  ])
  const tasks = words
    .filter((word, at) => !word.startsWith('-') && !valued.has(words[at - 1] ?? ''))
    .map((task) => task.replace(/^.*:/, ''))
  const left = words.flatMap((word, at) =>
    word === '-x' || word === '--exclude-task' ? (words[at + 1] ?? '').replace(/^.*:/, '') : [],
  )
  if (tasks.some((task) => /^(?:publish|upload|closeAndRelease|release|bintray)/.test(task))) return 'publish'
  if (
    tasks.some((task) => /^(?:test|check|build|buildNeeded|allTests)$|Tests?$|^test[A-Z]/.test(task)) &&
    !left.includes('test')
  )
    return 'test'
  if (tasks.some((task) => /^(?:assemble|classes|testClasses|jar|build|compile|shadowJar|check)/.test(task)))
    return 'build'
  if (tasks.some((task) => /javadoc|dokka|asciidoc/i.test(task))) return 'document'
  if (tasks.some((task) => /jacoco|kover|coverage/i.test(task))) return 'measure'
  if (tasks.some((task) => /lint|spotless|checkstyle|detekt|pmd|spotbugs|apiCheck|format|license/i.test(task)))
    return 'lint'
  return tasks.includes('clean') ? 'clean' : tasks.length === 0 ? 'idle' : 'other'
}
