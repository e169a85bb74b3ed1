import type { TreeReader } from '../model/index.ts'
import { expandVariables } from './expand.ts'
import { joined } from './paths.ts'
import { type SimpleCommand, splitShell } from './shell.ts'
import type { TaskPart } from './task-runner.ts'
import { taskRunnersOf } from './task-runners.ts'
import type { CiRun, SeenCommand, TaskEnvironment } from './types.ts'
import { unwrap } from './unwrap.ts'

const deepest = 12
/** Tasks opened and commands found: beyond, a file is made to be endless. */
const mostParts = 600
const mostCommands = 3000

interface Place {
  readonly tree: TreeReader
  readonly directory: string
  readonly variables: Readonly<Record<string, string>>
  readonly positional: readonly string[]
  readonly from: string
  readonly wrappers: SeenCommand['wrappers']
  readonly environment: TaskEnvironment | null
  /** Tasks on the way here, so that one that starts itself ends. */
  readonly trail: readonly string[]
  readonly functions: ReadonlyMap<string, readonly SimpleCommand[]>
  readonly found: { readonly commands: SeenCommand[]; parts: number }
}

/**
 * The simple commands that a step (or any shell text of the repository's) comes to, in order: wrappers taken off; make, just, tox, nox, hatch,
 * scripts of the repository and the like seen through. What only runs where something else failed is left out. Reads files and starts nothing.
 */
export async function seeThrough(tree: TreeReader, run: CiRun, from: string): Promise<readonly SeenCommand[]> {
  const found = { commands: [], parts: 0 }
  const place: Place = {
    ...{ tree, directory: run.directory, variables: run.variables, positional: [], from },
    ...{ wrappers: [], environment: null, trail: [], functions: new Map(), found },
  }
  await walk(place, splitShell(run.text))
  return found.commands
}

async function walk(outer: Place, commands: readonly SimpleCommand[]): Promise<void> {
  let place: Place = { ...outer, functions: new Map([...outer.functions, ...functionsOf(commands)]) }
  /** Where each open subshell, and each `pushd`, was started. */
  const subshells: Place[] = []
  const pushed: string[] = []
  for (const command of commands) {
    while (subshells.length > command.nesting) place = subshells.pop() ?? place
    while (subshells.length < command.nesting) subshells.push(place)
    if (command.after === 'or' || command.within !== null) continue
    const known = withVariables(command, place)
    const [program = '', target] = known.words
    if (program === 'cd' || program === 'pushd') {
      if (program === 'pushd') pushed.push(place.directory)
      place = { ...place, directory: changed(place, target) }
    } else if (program === 'popd') place = { ...place, directory: pushed.pop() ?? place.directory }
    else if (['', 'export', 'declare', 'local', 'readonly', 'typeset'].includes(program))
      place = {
        ...place,
        variables: plain({ ...place.variables, ...known.assignments, ...assignmentsIn(known.words) }),
      }
    else if (!silent.has(program)) await one(place, known)
  }
}

/** Settings of the shell itself. */
const silent = new Set(['set', 'shopt', 'trap', ':', 'unset', 'umask', 'ulimit', 'return', 'shift', 'hash'])

function changed(place: Place, target: string | undefined): string {
  if (target === undefined || target === '-' || target.startsWith('$') || target.startsWith('~')) return place.directory
  return target.startsWith('/') ? place.directory : joined(place.directory, target)
}

/** Values that only a shell could work out are not known, whatever they were before. */
function plain(variables: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => !/[$`]/.test(value)))
}

function assignmentsIn(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    words.flatMap((word) => {
      const cut = word.indexOf('=')
      return cut > 0 && /^\w+$/.test(word.slice(0, cut)) ? [[word.slice(0, cut), word.slice(cut + 1)] as const] : []
    }),
  )
}

function functionsOf(commands: readonly SimpleCommand[]): ReadonlyMap<string, readonly SimpleCommand[]> {
  const functions = new Map<string, SimpleCommand[]>()
  for (const command of commands) {
    if (command.within === null) continue
    const body = functions.get(command.within) ?? []
    body.push({ ...command, within: null })
    functions.set(command.within, body)
  }
  return functions
}

/** A command with the variables that are known by then put in. */
function withVariables(command: SimpleCommand, place: Place): SimpleCommand {
  if (!command.shell && !command.text.includes('$')) return command
  const text = expandVariables(command.text, place.variables, place.positional)
  const again = text === command.text ? undefined : splitShell(text)[0]
  if (again === undefined) return command
  return {
    ...command,
    words: again.words,
    assignments: again.assignments,
    shell: again.shell || command.after === 'pipe',
  }
}

async function one(place: Place, command: SimpleCommand): Promise<void> {
  const { words, wrappers, variables, directory } = unwrap(command.words)
  const inner: Place = {
    ...place,
    directory: joined(place.directory, directory),
    variables: plain({ ...place.variables, ...command.assignments, ...variables }),
    wrappers: [...place.wrappers, ...wrappers],
  }
  const [program = '', ...rest] = words
  const body = inner.functions.get(program)
  const called: readonly TaskPart[] | null =
    body === undefined
      ? await opened(inner, words, wrappers)
      : [{ label: `${program}()`, commands: body, directory: inner.directory, positional: rest }]
  if (called === null) emit(inner, command, words)
  else for (const part of called) await enter(inner, part)
}

/** `wrappers` are those of this very command: what they start may be a task of theirs. */
async function opened(
  place: Place,
  words: readonly string[],
  wrappers: SeenCommand['wrappers'],
): Promise<readonly TaskPart[] | null> {
  const { tree, directory, variables } = place
  if (place.trail.length >= deepest) return null
  for (const runner of taskRunnersOf(words[0] ?? '', wrappers.at(-1)?.[0] ?? null)) {
    const parts = await runner({ tree, words, wrappers, directory, variables })
    if (parts !== null) return parts
  }
  return null
}

async function enter(place: Place, part: TaskPart): Promise<void> {
  const id = `${part.label} in ${part.directory} ${part.commands.map(({ text }) => text).join('\n')}`
  place.found.parts += 1
  if (place.trail.includes(id) || place.trail.length >= deepest || place.found.parts > mostParts) return
  const inner: Place = {
    ...place,
    directory: part.directory,
    variables: { ...place.variables, ...part.variables },
    positional: part.positional ?? [],
    from: `${place.from} › ${part.label}`,
    environment: part.environment ?? place.environment,
    trail: [...place.trail, id],
  }
  await walk(inner, part.commands)
}

function emit(place: Place, command: SimpleCommand, words: readonly string[]): void {
  if (place.found.commands.length >= mostCommands) return
  const { assignments, shell, text } = command
  const { variables, directory, from, wrappers, environment } = place
  place.found.commands.push({ words, assignments, variables, directory, from, wrappers, environment, shell, text })
}
