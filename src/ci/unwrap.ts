import { splitOptions, valuesOf } from './options.ts'
import { joined } from './paths.ts'

/** A program with what its wrappers said about it. */
export interface Unwrapped {
  /** The program and its arguments. */
  readonly words: readonly string[]
  /** Those wrappers that say where the program comes from, outermost first, with their options. */
  readonly wrappers: readonly (readonly string[])[]
  readonly variables: Readonly<Record<string, string>>
  /** Relative to where it stands. */
  readonly directory: string
}

interface Step {
  readonly words: readonly string[]
  readonly wrapper?: readonly string[]
  readonly variables?: Readonly<Record<string, string>>
  readonly directory?: string
}

type Wrapper = (words: readonly string[], program: string) => Step | null

const pythonRunner = new Set([
  '--extra',
  '--with',
  '--with-editable',
  '--with-requirements',
  '--python',
  '-p',
  '--group',
  '--no-group',
  '--only-group',
  '--package',
  '--project',
  '--directory',
  '--index',
  '--index-url',
  '--default-index',
  '--env-file',
  '--resolution',
  '--index-strategy',
  '--python-platform',
  '--no-extra',
  '-C',
  '-e',
  '--environment',
  '--manifest-path',
  '--venv',
  '-w',
  '-n',
  '--name',
  '--spec',
  '--from',
])

/** Programs that only start another one, by name; each takes its own words off. Null: this time it does something else. */
const wrappers: Readonly<Record<string, Wrapper>> = {
  sudo: (words) => assigned(splitOptions(words, new Set(['-u', '-g', '-C', '-p'])).rest),
  doas: (words) => assigned(splitOptions(words, new Set(['-u'])).rest),
  env: (words) => assigned(splitOptions(words, new Set(['-u', '-C'])).rest),
  time: plain(),
  nice: plain('-n'),
  ionice: plain('-c', '-n', '-p'),
  nohup: plain(),
  command: (words) => (words[0]?.startsWith('-') === true ? null : { words }),
  builtin: plain(),
  exec: plain('-a'),
  stdbuf: plain('-i', '-o', '-e'),
  unbuffer: plain(),
  catchsegv: plain(),
  chronic: plain(),
  retry: (words) => ({
    words: dropNumbers(splitOptions(words, new Set(['-t', '-d', '-m', '--times', '--delay'])).rest),
  }),
  travis_retry: plain(),
  travis_wait: (words) => ({ words: dropNumbers(words) }),
  timeout: (words) => ({ words: splitOptions(words, new Set(['-k', '-s', '--kill-after', '--signal'])).rest.slice(1) }),
  gtimeout: (words) => ({ words: splitOptions(words, new Set(['-k', '-s'])).rest.slice(1) }),
  'xvfb-run': plain('-s', '-e', '-n', '-f', '-p', '-w', '--server-args', '--server-num'),
  'dbus-run-session': plain(),
  'dbus-launch': plain(),
  coverage,
  coverage3: coverage,
  uv: (words) => {
    const { options, rest } = splitOptions(words, pythonRunner)
    if (rest[0] === 'tool' && rest[1] === 'run') return runs(['uv', ...options, 'tool', 'run'], rest.slice(2))
    return rest[0] === 'run' ? runs(['uv', ...options, 'run'], rest.slice(1)) : null
  },
  uvx: (words) => runs(['uvx'], words),
  poetry: underRun,
  pdm: underRun,
  pipenv: underRun,
  rye: underRun,
  pipx: underRun,
  hatch: underRun,
  pixi: underRun,
  conda: underRun,
  mamba: underRun,
  micromamba: underRun,
  pyenv: under('exec'),
  asdf: under('exec'),
  mise: under('exec', 'x'),
  rtx: under('exec', 'x'),
  bundle: under('exec'),
  rbenv: under('exec'),
  rustup: (words) => (words[0] === 'run' ? { words: words.slice(2), wrapper: ['rustup', ...words.slice(0, 2)] } : null),
  kernprof: (words) => runs(['kernprof'], words),
}

/** Sees through every wrapper before a program. */
export function unwrap(words: readonly string[]): Unwrapped {
  let seen: Unwrapped = { words, wrappers: [], variables: {}, directory: '.' }
  for (let depth = 0; depth < 12; depth += 1) {
    const [name, ...rest] = seen.words
    if (name === undefined) return seen
    const program = programName(name)
    const inner = isPython(program) ? python(rest, program) : (own(program)?.(rest, program) ?? null)
    if (inner === null || inner.words.length === 0) return { ...seen, words: [program, ...rest] }
    seen = {
      words: inner.words,
      wrappers: inner.wrapper === undefined ? seen.wrappers : [...seen.wrappers, inner.wrapper],
      variables: { ...seen.variables, ...inner.variables },
      directory: joined(seen.directory, inner.directory ?? '.'),
    }
  }
  return seen
}

function own(program: string): Wrapper | undefined {
  return Object.hasOwn(wrappers, program) ? wrappers[program] : undefined
}

/** `/usr/bin/make`, `.venv/bin/pytest` and `$(VENV)/bin/pytest` are programs of those names; a script of the repository keeps its path. */
export function programName(name: string): string {
  const found = /^(.*?)(?:bin|Scripts)\/([^/]+?)(?:\.exe)?$/.exec(name)
  if (found === null) return name
  const [, folder = '', program = ''] = found
  return folder.startsWith('/') || /env|\$|~/.test(folder) ? program : name
}

/** True for the names of an interpreter, with its version or without. */
export function isPython(program: string): boolean {
  return /^(?:python|pypy)\d*(?:\.\d+)*t?$|^py$/.test(program)
}

/** `python -W error -m pytest`: what stands behind `-m` is the program. A file keeps the interpreter before it. */
function python(words: readonly string[], program: string): Step | null {
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? ''
    if (/^-[A-Za-z]*m$/.test(word)) return { words: words.slice(at + 1), wrapper: [program, ...words.slice(0, at + 1)] }
    if (/^-[bBdEhiIOqsSuvxP]*m\w/.test(word) && !word.startsWith('--'))
      return {
        words: [word.slice(word.indexOf('m') + 1), ...words.slice(at + 1)],
        wrapper: [program, ...words.slice(0, at), '-m'],
      }
    if (!word.startsWith('-') || word === '-c') return null
    if (word === '-W' || word === '-X') at += 1
  }
  return null
}

/** `coverage run -m pytest` is pytest under coverage, `coverage run setup.py test` a file under Python. */
function coverage(words: readonly string[], program: string): Step | null {
  if (words[0] !== 'run') return null
  const valued = new Set([
    '--source',
    '--include',
    '--omit',
    '--rcfile',
    '--context',
    '--concurrency',
    '--data-file',
    '--source-pkgs',
  ])
  return runs([program, 'run'], words.slice(1), valued)
}

function underRun(words: readonly string[], program: string): Step | null {
  const { options, rest } = splitOptions(words, pythonRunner)
  return rest[0] === 'run' ? runs([program, ...options, 'run'], rest.slice(1)) : null
}

function under(...verbs: readonly string[]): Wrapper {
  return (words, program) => {
    const verb = words[0] ?? ''
    if (!verbs.includes(verb)) return null
    const rest = words.includes('--') ? words.slice(words.indexOf('--') + 1) : words.slice(1)
    return { words: rest, wrapper: [program, verb] }
  }
}

/** What a runner of Python programs starts: a program, a module (`-m x`) or a file. */
function runs(
  wrapper: readonly string[],
  words: readonly string[],
  valued: ReadonlySet<string> = pythonRunner,
): Step | null {
  const { options, rest } = splitOptions(words, valued)
  const isModule = options.includes('-m') || options.includes('--module')
  const said = [...wrapper, ...options]
  const [first] = rest
  if (first === undefined) return null
  const directory = valuesOf(options, '--directory')[0]
  const place = directory === undefined ? {} : { directory }
  if (isModule) return { words: rest, wrapper: said, ...place }
  return { words: first.endsWith('.py') ? ['python', ...rest] : rest, wrapper: said, ...place }
}

function plain(...valued: readonly string[]): Wrapper {
  return (words) => assigned(splitOptions(words, new Set(valued)).rest)
}

function assigned(words: readonly string[]): Step {
  const variables: Record<string, string> = {}
  let at = 0
  for (; at < words.length; at += 1) {
    const assignment = /^([A-Za-z_]\w*)=(.*)$/s.exec(words[at] ?? '')
    if (assignment?.[1] === undefined) break
    variables[assignment[1]] = assignment[2] ?? ''
  }
  return { words: words.slice(at), variables }
}

function dropNumbers(words: readonly string[]): readonly string[] {
  return /^\d+$/.test(words[0] ?? '') ? words.slice(1) : words
}
