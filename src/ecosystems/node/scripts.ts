import { joined } from '../../ci/paths.ts'
import { type SimpleCommand, splitShell } from '../../ci/shell.ts'
import type { Invocation } from '../../test-frameworks/types.ts'
import { type Delegation, delegation, type Target } from './delegations.ts'
import { inDirectory, isRecord, type Manifest } from './manifest.ts'
import type { Package } from './workspaces.ts'
import { unwrap } from './wrappers.ts'

/** A program that a script starts at last, wrappers and other scripts seen through. */
export interface ProgramStep {
  readonly kind: 'program'
  readonly invocation: Invocation
  /** As the script has it, wrappers included. */
  readonly words: readonly string[]
  /** It needs a shell (redirections, pipes, substitutions); then `text` is what to run. */
  readonly shell: boolean
  readonly text: string
}

/** A script with what it does, in order. */
export interface ScriptStep {
  readonly kind: 'script'
  readonly name: string
  readonly directory: string
  /** Arguments and variables it was started with: then it can't be replaced by the bare script. */
  readonly arguments: readonly string[]
  readonly variables: Readonly<Record<string, string>>
  readonly steps: readonly Step[]
}

/** Packages whose scripts a task runner starts, each as a step of its own. */
export interface FanOut {
  readonly kind: 'packages'
  readonly withBuilds: boolean
  readonly steps: readonly Step[]
}

export type Step = ProgramStep | ScriptStep | FanOut

interface Place {
  readonly packages: readonly Package[]
  readonly here: Package
  readonly directory: string
  readonly variables: Readonly<Record<string, string>>
  readonly from: string
  /** Scripts on the way here, so that a script that starts itself ends. */
  readonly path: readonly string[]
}

/** Expands the script `name` of `here` with its `pre` and `post` scripts; null where there is none. */
export function expandScript(packages: readonly Package[], here: Package, name: string): ScriptStep | null {
  return script({ packages, here, directory: here.directory, variables: {}, from: '', path: [] }, name, [])
}

/** Expands a shell text that stands outside package.json (a CI step) in a package's directory. */
export function expandText(
  packages: readonly Package[],
  here: Package,
  text: string,
  from: string,
  variables: Readonly<Record<string, string>>,
): readonly Step[] {
  return commands({ packages, here, directory: here.directory, variables, from, path: [] }, splitShell(text))
}

function script(place: Place, name: string, extra: readonly string[]): ScriptStep | null {
  const text = scriptText(place.here.manifest, name)
  const id = `${place.here.directory}#${name}`
  if (text === null || place.path.includes(id) || place.path.length > 12) return null
  const inner = {
    ...place,
    from: `${inDirectory(place.here.directory, 'package.json')} scripts.${name}`,
    path: [...place.path, id],
  }
  const steps = commands(inner, withArguments(splitShell(text), extra))
  const hook = (when: 'pre' | 'post'): readonly Step[] =>
    isHook(name) ? [] : asList(script(inner, `${when}${name}`, []))
  const all = [...hook('pre'), ...wireitDependencies(inner, name), ...steps, ...hook('post')]
  return {
    kind: 'script',
    name,
    directory: place.here.directory,
    arguments: extra,
    variables: place.variables,
    steps: all,
  }
}

function isHook(name: string): boolean {
  return name.startsWith('pre') || name.startsWith('post')
}

function asList<T>(value: T | null): readonly T[] {
  return value === null ? [] : [value]
}

function scriptText(manifest: Manifest, name: string): string | null {
  const text = Object.hasOwn(manifest.scripts, name) ? manifest.scripts[name] : undefined
  if (text === undefined) return null
  if (text.trim() !== 'wireit') return text
  const task = isRecord(manifest.wireit) ? manifest.wireit[name] : undefined
  return isRecord(task) && typeof task.command === 'string' ? task.command : ''
}

/** wireit's own graph (its README, "Dependencies"): names, or `path:name`, or objects with `script`. */
function wireitDependencies(place: Place, name: string): readonly Step[] {
  const task = isRecord(place.here.manifest.wireit) ? place.here.manifest.wireit[name] : undefined
  const list = isRecord(task) && Array.isArray(task.dependencies) ? task.dependencies : []
  return list.flatMap((entry) => {
    const text = isRecord(entry) ? entry.script : entry
    return typeof text === 'string' && !text.includes('/') ? asList(script(place, text, [])) : []
  })
}

/** npm appends a caller's arguments to the script's text, so they reach its last command. */
function withArguments(parsed: readonly SimpleCommand[], extra: readonly string[]): readonly SimpleCommand[] {
  if (extra.length === 0) return parsed
  return parsed.map((command, index) =>
    index === parsed.length - 1
      ? { ...command, words: [...command.words, ...extra], text: [command.text, ...extra].join(' ') }
      : command,
  )
}

function commands(place: Place, parsed: readonly SimpleCommand[]): readonly Step[] {
  const steps: Step[] = []
  let directory = place.directory
  let exported = place.variables
  for (const command of parsed) {
    if (command.after === 'or') continue
    if (command.words[0] === 'cd' && command.words[1] !== undefined) directory = joined(directory, command.words[1])
    else if (command.words[0] === 'export') exported = { ...exported, ...assigned(command.words.slice(1)) }
    else if (command.words.length > 0)
      steps.push(...one({ ...place, directory, variables: { ...exported, ...command.assignments } }, command))
  }
  return steps
}

function assigned(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    words.flatMap((word) =>
      word.includes('=') ? [[word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]] : [],
    ),
  )
}

function one(place: Place, command: SimpleCommand): readonly Step[] {
  const { words, nodeArguments, variables } = unwrap(command.words)
  const inner = { ...place, variables: { ...place.variables, ...variables } }
  const has = (name: string): boolean => scriptText(packageAt(inner).manifest, name) !== null
  const handed = delegation(words, has)
  if (handed !== null && nodeArguments.length === 0) {
    const steps = delegated({ ...inner, here: packageAt(inner) }, handed, command)
    if (steps.length > 0 || handed.program === null) return steps
  }
  const [program = '', ...rest] = words
  const invocation = {
    program,
    arguments: rest,
    nodeArguments,
    variables: inner.variables,
    directory: place.directory,
    from: place.from,
  }
  return [{ kind: 'program', invocation, words: command.words, shell: command.shell, text: command.text }]
}

/** The package whose scripts a command in `place.directory` sees. */
function packageAt(place: Place): Package {
  if (place.directory === place.here.directory) return place.here
  return place.packages.find((each) => each.directory === place.directory) ?? place.here
}

function delegated(place: Place, handed: Delegation, command: SimpleCommand): readonly Step[] {
  if (handed.target.in === 'packages') return [fanOut(place, handed, handed.target, command)]
  const here = handed.target.in === 'directory' ? atDirectory(place, handed.target.directory) : place
  const texts = handed.texts.flatMap((text) => commands(here, splitShell(text)))
  const scripts = handed.scripts.flatMap((name) =>
    matching(here.here.manifest, name).flatMap((each) => script(here, each, handed.arguments) ?? []),
  )
  const programs = handed.program === null ? [] : one(here, { ...command, words: handed.program })
  return [...texts, ...scripts, ...programs]
}

function atDirectory(place: Place, step: string): Place {
  const directory = joined(place.directory, step)
  const found = place.packages.find((each) => each.directory === directory)
  return found === undefined ? { ...place, directory } : { ...place, directory, here: found }
}

function fanOut(
  place: Place,
  handed: Delegation,
  target: Extract<Target, { in: 'packages' }>,
  command: SimpleCommand,
): FanOut {
  const inner = place.packages.filter((each) => each.directory !== '.' && selected(each, target.names))
  const steps = inner.flatMap((each): readonly Step[] => {
    const there = { ...place, here: each, directory: each.directory }
    if (handed.program !== null) return one(there, { ...command, words: handed.program })
    return handed.scripts
      .flatMap((name) => matching(each.manifest, name))
      .flatMap((name) => script(there, name, handed.arguments) ?? [])
  })
  return { kind: 'packages', withBuilds: target.withBuilds, steps }
}

/** pnpm's, npm's and turbo's selectors as far as they name a package: its name, `./directory`, either with `*`. */
function selected(each: Package, names: readonly string[]): boolean {
  if (names.length === 0) return true
  return names.some((name) => {
    const plain = name
      .replace(/^[.^]+(?=[^./])|\.\.\.$/g, '')
      .replace(/^\{(.*)\}$/, '$1')
      .replace(/^\.\//, '')
      .replace(/\/?\*+$/, '*')
    const pattern = new RegExp(`^${plain.split('*').map(literal).join('.*')}$`)
    const short = each.manifest.name?.replace(/^@[^/]+\//, '')
    return [each.manifest.name, short, each.directory].some((value) => value !== undefined && pattern.test(value))
  })
}

/** npm-run-all's patterns (`*` stops at a colon, `**` does not) and pnpm's regular expressions (`/^test:/`). */
function matching(manifest: Manifest, name: string): readonly string[] {
  const expression = /^\/(?<source>.+)\/$/.exec(name)?.groups?.source
  if (expression !== undefined) return matchingExpression(manifest, expression)
  if (!name.includes('*')) return [name]
  const source = name
    .split('**')
    .map((part) => part.split('*').map(literal).join('[^:]*'))
    .join('.*')
  const pattern = new RegExp(`^${source}$`)
  return Object.keys(manifest.scripts).filter((each) => pattern.test(each))
}

/** None where the expression is not one that JavaScript knows: pnpm would refuse it too. */
function matchingExpression(manifest: Manifest, source: string): readonly string[] {
  try {
    const pattern = new RegExp(source)
    return Object.keys(manifest.scripts).filter((each) => pattern.test(each))
  } catch (error) {
    if (error instanceof SyntaxError) return []
    throw error
  }
}

/** A text as a regular expression that matches it alone. */
function literal(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}

/** Every program below a step, in order. */
export function programsIn(step: Step): readonly ProgramStep[] {
  return step.kind === 'program' ? [step] : step.steps.flatMap(programsIn)
}
