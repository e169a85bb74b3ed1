import { splitOptions, valuesOf } from '../../ci/options.ts'

/** A program with what its wrappers said about it. */
export interface Unwrapped {
  /** The program and its arguments. */
  readonly words: readonly string[]
  readonly nodeArguments: readonly string[]
  readonly variables: Readonly<Record<string, string>>
}

type Wrapper = (words: readonly string[]) => Unwrapped | null

const coverageValued = new Set([
  '-r',
  '--reporter',
  '--report-dir',
  '--reports-dir',
  '-x',
  '--exclude',
  '-n',
  '--include',
  '-e',
  '--extension',
  '--temp-dir',
  '--temp-directory',
  '-t',
  '--cwd',
  '-i',
  '--require',
  '--lines',
  '--branches',
  '--functions',
  '--statements',
  '--src',
  '-o',
  '--resolve',
  '--cache-dir',
  '--nycrc-path',
  '--config',
  '-c',
  '--clean-dir',
])

/**
 * Programs that only start another one, by name. Each takes the words after its own name off, so that what is left
 * begins with the program it starts.
 */
const wrappers: Readonly<Record<string, Wrapper>> = {
  'cross-env': environment,
  'cross-env-shell': environment,
  env: environment,
  nyc: (words) => coverage(words, '-i', '--require'),
  c8: (words) => coverage(words),
  'dotenv-run-script': () => null,
  dotenv: (words) => plain(splitOptions(words, new Set(['-e', '-v', '-c', '--env'])).rest),
  dotenvx: (words) => (words[0] === 'run' ? plain(splitOptions(words.slice(1), new Set(['-f', '-e'])).rest) : null),
  'env-cmd': (words) => plain(splitOptions(words, new Set(['-f', '--file', '-e', '--environments', '-r'])).rest),
  npx: (words) => packageRunner(words),
  pnpx: (words) => packageRunner(words),
  timeout: (words) => plain(splitOptions(words, new Set(['-k', '-s'])).rest.slice(1)),
  'xvfb-run': (words) => plain(splitOptions(words, new Set(['-s', '-e', '-n'])).rest),
  tsx: (words) =>
    runtime(
      words.filter((word) => word !== 'watch'),
      ['--import', 'tsx'],
    ),
  'ts-node': (words) => tsNode(words, ['-r', 'ts-node/register']),
  'ts-node-esm': (words) => tsNode(words, ['--loader', 'ts-node/esm']),
  'ts-node-dev': (words) => tsNode(words, ['-r', 'ts-node/register']),
  'babel-node': (words) =>
    runtime(splitOptions(words, new Set(['-x', '--extensions', '--presets', '--config-file'])).rest, [
      '-r',
      '@babel/register',
    ]),
  'ts-mocha': tsMocha,
  'kcd-scripts': kcdScripts,
  esmo: (words) => runtime(words, ['--import', 'tsx']),
}

/** A toolkit's `test` is jest on the repository's own configuration (its source, src/scripts/test.js). */
function kcdScripts(words: readonly string[]): Unwrapped | null {
  if (words[0] !== 'test') return null
  return { words: ['jest', ...words.slice(1)], nodeArguments: [], variables: { NODE_ENV: 'test', BABEL_ENV: 'test' } }
}

/** Sees through every wrapper that stands before the program; the words of what it starts come out. */
export function unwrap(words: readonly string[]): Unwrapped {
  let seen: Unwrapped = { words, nodeArguments: [], variables: {} }
  for (let depth = 0; depth < 12; depth += 1) {
    const [name, ...rest] = seen.words
    if (name === undefined) return seen
    const program = baseName(name)
    const inner = isNode(program) ? node(rest) : (wrappers[program]?.(rest) ?? null)
    if (inner === null || inner.words.length === 0) return { ...seen, words: [program, ...rest] }
    seen = {
      words: inner.words,
      nodeArguments: [...seen.nodeArguments, ...inner.nodeArguments],
      variables: { ...seen.variables, ...inner.variables },
    }
    if (isNode(program) && isNode(inner.words[0] ?? '')) return seen
  }
  return seen
}

function isNode(program: string): boolean {
  return program === 'node' || program === 'nodejs'
}

/** `./node_modules/.bin/mocha`, `$(npm bin)/mocha` and `mocha` are one. */
export function baseName(program: string): string {
  if (!program.includes('/')) return program.replace(/\.cmd$/, '')
  if (/node_modules\/\.bin\/|^\$\(npm bin\)\/|^\/usr\/bin\//.test(program))
    return program.slice(program.lastIndexOf('/') + 1)
  return program
}

function plain(words: readonly string[]): Unwrapped {
  const variables: Record<string, string> = {}
  let at = 0
  for (; at < words.length; at += 1) {
    const assignment = /^([A-Za-z_]\w*)=(.*)$/s.exec(words[at] ?? '')
    if (assignment?.[1] === undefined) break
    variables[assignment[1]] = assignment[2] ?? ''
  }
  return { words: words.slice(at), nodeArguments: [], variables }
}

/** `cross-env A=1 B=2 mocha`: assignments first; a program given as one quoted text is split at its blanks. */
function environment(words: readonly string[]): Unwrapped {
  const inner = plain(splitOptions(words, new Set(['-u'])).rest)
  const only = inner.words.length === 1 ? inner.words[0] : undefined
  return only?.includes(' ') === true ? { ...inner, words: only.split(/\s+/).filter((word) => word !== '') } : inner
}

/** nyc's own `--require` loads modules into the program it starts. */
function coverage(words: readonly string[], ...requires: readonly string[]): Unwrapped | null {
  const { options, rest } = splitOptions(words, coverageValued)
  const preloads = requires.length === 0 ? [] : valuesOf(options, ...requires).flatMap((module) => ['-r', module])
  if (rest[0] === undefined || ['report', 'merge', 'check-coverage', 'instrument'].includes(rest[0])) return null
  return { words: rest, nodeArguments: preloads, variables: {} }
}

/** `npx [options] name[@version] …`. */
function packageRunner(words: readonly string[]): Unwrapped | null {
  const { rest } = splitOptions(words, new Set(['-p', '--package', '-c', '--call']))
  const [name, ...others] = rest
  return name === undefined ? null : plain([name.replace(/(?<=.)@[^/]*$/, ''), ...others])
}

function runtime(words: readonly string[], nodeArguments: readonly string[]): Unwrapped {
  return { words: ['node', ...words], nodeArguments, variables: {} }
}

const tsNodeValued = new Set([
  '-P',
  '--project',
  '-O',
  '--compiler-options',
  '-r',
  '--require',
  '--dir',
  '--cwd',
  '-I',
  '--ignore',
  '-D',
])

function tsNode(words: readonly string[], nodeArguments: readonly string[]): Unwrapped {
  const { options, rest } = splitOptions(words, tsNodeValued)
  const preloads = valuesOf(options, '-r', '--require').flatMap((module) => ['-r', module])
  return {
    words: ['node', ...rest],
    nodeArguments: [...nodeArguments, ...preloads],
    variables: tsNodeVariables(options),
  }
}

/** ts-node's switches as the variables its register hook reads. */
function tsNodeVariables(options: readonly string[]): Record<string, string> {
  const variables: Record<string, string> = {}
  const project = valuesOf(options, '-P', '--project')[0]
  const compiler = valuesOf(options, '-O', '--compiler-options')[0]
  if (project !== undefined) variables.TS_NODE_PROJECT = project
  if (compiler !== undefined) variables.TS_NODE_COMPILER_OPTIONS = compiler
  if (options.includes('-T') || options.includes('--transpile-only')) variables.TS_NODE_TRANSPILE_ONLY = 'true'
  if (options.includes('--files')) variables.TS_NODE_FILES = 'true'
  return variables
}

/** ts-mocha is mocha with a preload of its own (its README: `mocha -r ts-mocha/src/index.js`). */
function tsMocha(words: readonly string[]): Unwrapped {
  const kept: string[] = []
  const variables: Record<string, string> = {}
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? ''
    if (word === '-p' || word === '--project') {
      at += 1
      variables.TS_NODE_PROJECT = words[at] ?? ''
    } else if (word === '--type-check') variables.TS_TYPE_CHECK = 'true'
    else if (word !== '--paths') kept.push(word)
  }
  return { words: ['mocha', '-r', 'ts-mocha/src/index.js', ...kept], nodeArguments: [], variables }
}

const nodeValued = new Set([
  '-r',
  '--require',
  '--import',
  '--loader',
  '--experimental-loader',
  '-C',
  '--conditions',
  '--env-file',
])

/**
 * `node [options] file …`: the options before the file are node's; a file that is another program's bin
 * (`node_modules/mocha/bin/mocha`) reads as that program. Options of node's own test runner stay with the program.
 */
function node(words: readonly string[]): Unwrapped | null {
  const nodeArguments: string[] = []
  const own: string[] = []
  let at = 0
  for (; at < words.length; at += 1) {
    const word = words[at] ?? ''
    if (word === '--' || !word.startsWith('-')) break
    const target = word.startsWith('--test') || word === '--watch' ? own : nodeArguments
    target.push(word)
    const takesNext =
      nodeValued.has(word) ||
      (/^--test-(?:reporter|name-pattern|skip-pattern|concurrency|timeout)/.test(word) && !word.includes('='))
    if (!takesNext || at + 1 >= words.length) continue
    at += 1
    target.push(words[at] ?? '')
  }
  const rest = words.slice(words[at] === '--' ? at + 1 : at)
  const program = own.length === 0 ? binOf(rest[0]) : null
  if (program !== null) return { words: [program, ...rest.slice(1)], nodeArguments, variables: {} }
  return { words: ['node', ...own, ...rest], nodeArguments, variables: {} }
}

/** `node_modules/mocha/bin/_mocha` → `mocha`; null where the file is no package's bin. */
function binOf(file: string | undefined): string | null {
  if (file === undefined) return null
  const bin = /(?:^|\/)node_modules\/\.bin\/([^/]+)$/.exec(file)?.[1]
  if (bin !== undefined) return bin
  const inner = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\/(.+)$/.exec(file)
  if (inner?.[1] === undefined || inner[2] === undefined) return null
  const name = (inner[2].split('/').at(-1) ?? '').replace(/\.[cm]?js$/, '')
  return ['cli', 'index', 'main', 'run', 'entrypoint', 'test'].includes(name)
    ? (inner[1].split('/').at(-1) ?? null)
    : name
}
