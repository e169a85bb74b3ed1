import { splitOptions, valuesOf } from '../../ci/options.ts'

/** Where a command that starts package scripts wants them started. */
export type Target =
  | { readonly in: 'here' }
  /** Every workspace package; `withBuilds`: the runner builds a package's workspace dependencies first. */
  | { readonly in: 'packages'; readonly names: readonly string[]; readonly withBuilds: boolean }
  | { readonly in: 'directory'; readonly directory: string }

/** A command that starts package scripts: `npm run x -- --y`, `run-s a b:*`, `pnpm -r test`, `turbo run test`. */
export interface Delegation {
  readonly scripts: readonly string[]
  /** Words that are handed on to the script. */
  readonly arguments: readonly string[]
  readonly target: Target
  /** Not a script but a program (`yarn mocha`, `pnpm exec vitest`): these are its words. */
  readonly program: readonly string[] | null
  /** Shell texts that it runs (`concurrently "npm:a" "b c"`). */
  readonly texts: readonly string[]
}

const here: Target = { in: 'here' }
const nothing: Delegation = { scripts: [], arguments: [], target: here, program: null, texts: [] }

/** Reads a command as a delegation; null where it starts a program of its own. `has` tells whether a script exists here. */
export function delegation(words: readonly string[], has: (script: string) => boolean): Delegation | null {
  const [program = '', ...rest] = words
  switch (program) {
    case 'npm':
    case '$npm_execpath':
    case '$' + '{npm_execpath}':
      return npm(rest)
    case 'pnpm':
      return pnpm(rest, has)
    case 'yarn':
    case 'yarnpkg':
      return yarn(rest, has)
    case 'run-s':
    case 'run-p':
    case 'npm-run-all':
    case 'npm-run-all2':
      return runAll(rest)
    case 'concurrently':
    case 'conc':
      return concurrently(rest)
    case 'turbo':
    case 'lerna':
    case 'nx':
    case 'wsrun':
    case 'ultra':
      return monorepo(program, rest)
    default:
      return null
  }
}

function npm(words: readonly string[]): Delegation | null {
  const { options, rest } = splitOptions(words, new Set(['--prefix', '-w', '--workspace', '-C', '--loglevel']))
  const target = npmTarget(options)
  const [verb = '', ...others] = rest
  if (['test', 't', 'tst'].includes(verb)) return named(['test', ...others], target, npmTarget)
  if (['run', 'run-script', 'rum', 'urn'].includes(verb)) return named(others, target, npmTarget)
  if (verb === 'exec' || verb === 'x')
    return { ...nothing, target, program: splitOptions(others, new Set(['-p', '--package'])).rest }
  return null
}

function npmTarget(options: readonly string[]): Target {
  if (options.includes('--workspaces') || options.includes('-ws'))
    return { in: 'packages', names: [], withBuilds: false }
  const names = valuesOf(options, '-w', '--workspace')
  if (names.length > 0) return { in: 'packages', names, withBuilds: false }
  const directory = valuesOf(options, '--prefix', '-C')[0]
  return directory === undefined ? here : { in: 'directory', directory }
}

function pnpmTarget(options: readonly string[]): Target {
  const names = valuesOf(options, '--filter', '-F')
  if (names.length > 0) return { in: 'packages', names, withBuilds: false }
  if (options.some((option) => ['-r', '--recursive'].includes(option)))
    return { in: 'packages', names: [], withBuilds: false }
  const directory = valuesOf(options, '--dir', '-C', '--prefix')[0]
  return directory === undefined ? here : { in: 'directory', directory }
}

function pnpm(words: readonly string[], has: (script: string) => boolean): Delegation | null {
  const valued = new Set(['--filter', '-F', '--dir', '-C', '--prefix', '--workspace-concurrency', '--reporter'])
  const { options, rest } = splitOptions(
    words[0] === 'recursive' || words[0] === 'multi' ? ['-r', ...words.slice(1)] : words,
    valued,
  )
  const target = pnpmTarget(options)
  const [verb = '', ...others] = rest
  if (['run', 'run-script'].includes(verb)) return named(others, target, pnpmTarget)
  if (['test', 't', 'tst'].includes(verb)) return script(others, 'test', target)
  if (verb === 'exec') return { ...nothing, target, program: splitOptions(others, new Set()).rest }
  if (installVerbs.has(verb)) return null
  if (has(verb) || target.in === 'packages') return script(others, verb, target)
  return { ...nothing, target, program: rest }
}

const installVerbs = new Set([
  '',
  'install',
  'i',
  'ci',
  'add',
  'remove',
  'up',
  'update',
  'upgrade',
  'publish',
  'pack',
  'version',
  'audit',
  'link',
  'dlx',
  'create',
  'init',
  'config',
  'cache',
  'why',
  'list',
  'ls',
  'info',
  'store',
  'rebuild',
  'dedupe',
  'prune',
  'check',
  'set',
  'plugin',
  'licenses',
  'outdated',
  'login',
])

function yarn(words: readonly string[], has: (script: string) => boolean): Delegation | null {
  const { options, rest } = splitOptions(words, new Set(['--cwd']))
  const directory = valuesOf(options, '--cwd')[0]
  const target: Target = directory === undefined ? here : { in: 'directory', directory }
  const [verb = '', ...others] = rest
  if (verb === 'workspaces') return yarnWorkspaces(others)
  if (verb === 'workspace')
    return inWorkspace(
      yarn(others.slice(1), () => true),
      others[0] ?? '',
    )
  if (verb === 'exec') return { ...nothing, target, program: splitOptions(others, new Set()).rest }
  if (verb === 'node') return { ...nothing, target, program: ['node', ...others] }
  const call = verb === 'run' ? splitOptions(others, new Set(['-r'])).rest : rest
  const [name = '', ...last] = call
  if (has(name)) return script(last, name, target)
  if (verb !== 'run' && installVerbs.has(name)) return null
  return name === '' ? null : { ...nothing, target, program: call }
}

function inWorkspace(inner: Delegation | null, name: string): Delegation | null {
  return inner === null ? null : { ...inner, target: { in: 'packages', names: [name], withBuilds: false } }
}

/** `yarn workspaces run test` and `yarn workspaces foreach -A run test`. */
function yarnWorkspaces(words: readonly string[]): Delegation | null {
  const rest =
    words[0] === 'foreach'
      ? splitOptions(words.slice(1), new Set(['--include', '--exclude', '--from', '-j', '--jobs'])).rest
      : words
  return rest[0] === 'run' ? named(rest.slice(1), { in: 'packages', names: [], withBuilds: false }, () => here) : null
}

/** `run [options] name [--] args`: options may stand after `run` too. */
function named(
  words: readonly string[],
  target: Target,
  targetOf: (options: readonly string[]) => Target,
): Delegation | null {
  const { options, rest } = splitOptions(words, new Set(['-w', '--workspace', '--filter', '-F', '--prefix']))
  const [name, ...others] = rest
  if (name === undefined) return null
  const placed = targetOf([...options, ...splitOptions(others, new Set(['-w', '--workspace'])).options])
  return script(others, name, target.in === 'here' ? placed : target)
}

function script(words: readonly string[], name: string, target: Target): Delegation {
  const cut = words.indexOf('--')
  const own = words.filter((word, index) => index !== cut && !(cut === -1 && npmOnly.has(word)))
  return { ...nothing, scripts: [name], arguments: cut === -1 ? own : words.slice(cut + 1), target }
}

/** Options of the package manager that may stand after the script's name. */
const npmOnly = new Set([
  '--workspaces',
  '-ws',
  '--if-present',
  '--silent',
  '-s',
  '--include-workspace-root',
  '--loglevel=error',
])

/** npm-run-all and its short forms: positional words are scripts (or patterns) with arguments of their own. */
function runAll(words: readonly string[]): Delegation {
  const scripts = words
    .slice(0, words.includes('--') ? words.indexOf('--') : undefined)
    .filter(
      (word, index) =>
        !word.startsWith('-') && words[index - 1] !== '--max-parallel' && words[index - 1] !== '--npm-path',
    )
  return { ...nothing, texts: scripts.map((name) => `npm run ${name}`) }
}

const concurrentlyValued = new Set([
  '-n',
  '--names',
  '-c',
  '--prefix-colors',
  '-p',
  '--prefix',
  '-s',
  '--success',
  '-m',
  '--max-processes',
  '-l',
  '--prefix-length',
])

function concurrently(words: readonly string[]): Delegation {
  const texts: string[] = []
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? ''
    if (concurrentlyValued.has(word)) at += 1
    else if (!word.startsWith('-')) texts.push(word.replace(/^(npm|pnpm|yarn|bun|node):(.+)$/, 'npm run $2'))
  }
  return { ...nothing, texts }
}

/** Task runners over workspaces: `turbo run test`, `turbo test`, `lerna run test`, `nx run-many -t test`, `nx test app`. */
function monorepo(program: string, words: readonly string[]): Delegation | null {
  const valued = new Set([
    '--filter',
    '-F',
    '--scope',
    '--concurrency',
    '--cache-dir',
    '--stream',
    '-t',
    '--target',
    '--targets',
    '-p',
    '--projects',
  ])
  const flags = program === 'lerna' ? new Set([...valued].filter((name) => name !== '--stream')) : valued
  const { options, rest } = splitOptions(words, flags)
  const [verb = '', ...others] = rest
  const target = (names: readonly string[]): Target => ({
    in: 'packages',
    names,
    withBuilds: program === 'turbo' || program === 'nx',
  })
  if (program === 'lerna' && !['run', 'exec'].includes(verb)) return null
  if (verb === 'exec') return { ...nothing, target: target([]), program: splitOptions(others, flags).rest }
  if (['run-many', 'affected'].includes(verb)) {
    const after = splitOptions(others, flags)
    const targets = valuesOf([...options, ...after.options], '-t', '--target', '--targets').flatMap((value) =>
      value.split(','),
    )
    return { ...nothing, scripts: targets, target: target([]) }
  }
  if (program === 'nx') return nxOne(verb, others, target)
  const names = (verb === 'run' ? others : rest).filter(
    (word, index, all) => !word.startsWith('-') && !flags.has(all[index - 1] ?? ''),
  )
  return names.length === 0 ? null : { ...nothing, scripts: names, target: target(filtersOf([...options, ...others])) }
}

function nxOne(
  verb: string,
  others: readonly string[],
  target: (names: readonly string[]) => Target,
): Delegation | null {
  const [project, task] = verb === 'run' ? (others[0] ?? '').split(':') : [others[0], verb]
  return task === undefined || task === ''
    ? null
    : { ...nothing, scripts: [task], target: target(project === undefined ? [] : [project]) }
}

function filtersOf(words: readonly string[]): string[] {
  return words.flatMap((word) => /^--(?:filter|scope)=(.+)$/.exec(word)?.[1] ?? [])
}
