import grammar from 'tree-sitter-python'
import { type Node, parse } from '../languages/parse.ts'
import type { TreeReader } from '../model/index.ts'
import { itemsOf as splitItems } from './config-file.ts'
import { quoted } from './expand.ts'
import { isSpecial, nearestFirst } from './nearest.ts'
import { joined } from './paths.ts'
import { type MethodCall, methodCalls, moduleScope } from './python-calls.ts'
import { itemsOf, type PythonScope, type PythonValue, pythonValue } from './python-values.ts'
import { commandOf, type TaskCall, type TaskPart } from './task-runner.ts'
import type { TaskEnvironment } from './types.ts'

/** A session as its decorator declares it. */
interface Session {
  readonly name: string
  readonly pythons: readonly string[]
  readonly tags: readonly string[]
  readonly isDefault: boolean
  readonly definition: Node
}

interface Noxfile {
  readonly path: string
  readonly scope: PythonScope
  readonly sessions: readonly Session[]
  /** `nox.options.sessions`; null: all. */
  readonly listed: readonly string[] | null
}

const largest = 200_000

/** Every session of the root's noxfile.py, as an environment. */
export async function readNox(tree: TreeReader): Promise<readonly TaskEnvironment[]> {
  const file = await readNoxfile(tree, 'noxfile.py')
  return file === null ? [] : file.sessions.map((session) => opened(file, session, '.', null, []).environment)
}

async function readNoxfile(tree: TreeReader, path: string): Promise<Noxfile | null> {
  const text = tree.has(path) ? await tree.read(path) : null
  if (text === null || text.length > largest) return null
  const root = parse(grammar, text)
  const scope = moduleScope(root, (node, evaluate) => asked(node, evaluate, []))
  const evaluate = (node: Node | null): PythonValue =>
    pythonValue(node, scope, (inner, again) => asked(inner, again, []))
  const listed = root
    .descendantsOfType('assignment')
    .find((assignment) => /(?:^|\.)options\.sessions$/.test(assignment.childForFieldName('left')?.text ?? ''))
  return {
    path,
    scope,
    sessions: root.descendantsOfType('decorated_definition').flatMap((node) => sessionOf(node, evaluate) ?? []),
    listed: listed === undefined ? null : textsOf(evaluate(listed.childForFieldName('right'))),
  }
}

function sessionOf(node: Node, evaluate: (node: Node | null) => PythonValue): Session | null {
  const definition = node.childForFieldName('definition')
  const decorators = node.namedChildren.filter(({ type }) => type === 'decorator').map((each) => each.namedChild(0))
  const decorator = decorators.find((each) =>
    /^(?:\w+\.)?session$/.test((each?.childForFieldName('function') ?? each)?.text ?? ''),
  )
  if (decorator == null || definition?.type !== 'function_definition') return null
  const given = decorator.childForFieldName('arguments')?.namedChildren ?? []
  const value = (name: string): PythonValue =>
    evaluate(given.find((each) => each.childForFieldName('name')?.text === name)?.childForFieldName('value') ?? null)
  const isDefault = value('default')
  return {
    name: textsOf(value('name'))[0] ?? definition.childForFieldName('name')?.text ?? '',
    pythons: [...textsOf(value('python')), ...textsOf(value('py'))],
    tags: textsOf(value('tags')),
    isDefault: isDefault.kind !== 'truth' || isDefault.value,
    definition,
  }
}

function textsOf(value: PythonValue): string[] {
  if (value.kind === 'text') return value.known ? [value.text] : []
  return value.kind === 'list' ? value.items.flatMap(textsOf) : []
}

/** What nox itself would answer. */
function asked(
  node: Node,
  evaluate: (node: Node | null) => PythonValue,
  positional: readonly string[],
): PythonValue | null {
  if (node.type === 'attribute' && /\.posargs$/.test(node.text))
    return { kind: 'list', items: positional.map((text) => ({ kind: 'text', text, known: true })) }
  if (node.type !== 'call' || !/(?:^|\.)dependency_groups$/.test(node.childForFieldName('function')?.text ?? ''))
    return null
  const groups = itemsOf(node.childForFieldName('arguments')?.namedChildren.slice(1) ?? [], evaluate)
  return {
    kind: 'list',
    items: groups.flatMap((group) => [{ kind: 'text', text: '--group', known: true } as const, group]),
  }
}

interface Opened {
  readonly environment: TaskEnvironment
  readonly steps: readonly {
    readonly words: readonly string[]
    readonly known: boolean
    readonly directory: string
    readonly variables: Readonly<Record<string, string>>
  }[]
}

/** Reads what a session installs and runs. */
function opened(
  file: Noxfile,
  session: Session,
  directory: string,
  python: string | null,
  positional: readonly string[],
): Opened {
  const calls = methodCalls(session.definition, file.scope, (node, evaluate) => asked(node, evaluate, positional))
  const steps = stepsOf(calls, directory)
  const installs = steps
    .filter(({ words }) => words[0] === 'pip' && words[1] === 'install')
    .flatMap(({ words }) => words.slice(2))
  const own = installs.findIndex((word) => /^(?:-e|--editable=?)?\s*\.(?:\[|$)/.test(word))
  const editable = own !== -1 && (/^-/.test(installs[own] ?? '') || /^(?:-e|--editable)$/.test(installs[own - 1] ?? ''))
  const { dependencies, groups } = splitGroups(installs)
  const environment: TaskEnvironment = {
    runner: 'nox',
    name: session.name,
    from: `${file.path} ${session.name}`,
    python: python ?? nearestPython(session),
    dependencies,
    extras: [],
    groups,
    project: own === -1 ? 'no' : editable ? 'editable' : 'installed',
    variables: {},
    directory,
    commands: steps.filter(({ words }) => words[0] !== 'pip').map(({ words }) => words.map(quoted).join(' ')),
  }
  return { environment, steps }
}

/** None where those that can be told are all out of the ordinary: then the list has more. */
function nearestPython({ pythons }: Session): string | null {
  const [nearest] = nearestFirst(pythons, (version) => ({ version }))
  return nearest === undefined || isSpecial(nearest) ? null : nearest
}

function splitGroups(words: readonly string[]): { readonly dependencies: string[]; readonly groups: string[] } {
  const dependencies: string[] = []
  const groups: string[] = []
  let option: string | null = null
  for (const word of words) {
    const inline = /^--group=(.+)$/.exec(word)?.[1]
    if (option === '--group' || inline !== undefined) groups.push(inline ?? word)
    else if (option !== null) dependencies.push(`${option} ${word}`)
    else if (
      !/^--(?:upgrade|quiet|no-deps|silent)$|^-[Uqv]+$|^(?:-[rce]|--(?:requirement|constraint|editable|group))$/.test(
        word,
      )
    )
      dependencies.push(word)
    option = option === null && /^(?:-[rce]|--(?:requirement|constraint|editable|group))$/.test(word) ? word : null
  }
  return { dependencies, groups }
}

function stepsOf(calls: readonly MethodCall[], root: string): Opened['steps'] {
  let directory = root
  return calls.flatMap(({ method, positional, variables }) => {
    const words = positional.flatMap((value) =>
      value.kind === 'list' ? textsOf(value) : value.kind === 'text' ? [value.text] : [],
    )
    const known = positional.every((value) => value.kind !== 'unknown' && !(value.kind === 'text' && !value.known))
    if (method === 'chdir' || method === 'cd') {
      directory = joined(root, words[0] ?? '.')
      return []
    }
    if (method === 'install')
      return words.length === 0 ? [] : [{ words: ['pip', 'install', ...words], known, directory, variables }]
    if (method === 'notify')
      return words.length === 0 ? [] : [{ words: ['nox', '-s', words[0] ?? ''], known, directory, variables }]
    const starts = ['run', 'run_always', 'run_install'].includes(method) && words.length > 0
    return starts ? [{ words, known, directory, variables }] : []
  })
}

/** `nox -s tests-3.12 lint -- args`. */
export async function runNox(call: TaskCall): Promise<readonly TaskPart[] | null> {
  const cut = call.words.indexOf('--')
  const own = cut === -1 ? call.words : call.words.slice(0, cut)
  const positional = cut === -1 ? [] : call.words.slice(cut + 1)
  const given = (...names: readonly string[]): readonly string[] => valuesAfter(own, names)
  const file = await readNoxfile(call.tree, joined(call.directory, given('-f', '--noxfile')[0] ?? 'noxfile.py'))
  if (file === null || own.includes('-l') || own.includes('--list')) return null
  const stated = [
    ...given('-s', '-e', '--session', '--sessions'),
    ...(own.length === 1 ? splitItems(call.variables.NOXSESSION) : []),
  ]
  const tags = given('-t', '--tags')
  const python = given('-p', '--python', '--pythons', '-P', '--force-python')[0] ?? null
  return chosen(file, stated, tags).flatMap(({ session, version }) => {
    const { environment, steps } = opened(file, session, call.directory, version ?? python, positional)
    return steps.map(({ words, known, directory, variables }) => ({
      label: environment.from,
      commands: [{ ...commandOf(words, !known), text: words.map(quoted).join(' ') }],
      directory,
      variables,
      environment,
    }))
  })
}

/** An option's values: nox takes as many as stand behind it. */
function valuesAfter(words: readonly string[], names: readonly string[]): readonly string[] {
  const values: string[] = []
  let taking = false
  for (const word of words) {
    const inline = names.find((name) => word.startsWith(`${name}=`))
    if (inline !== undefined) values.push(word.slice(inline.length + 1))
    else if (word.startsWith('-')) taking = names.includes(word)
    else if (taking) values.push(word)
  }
  return values
}

interface Chosen {
  readonly session: Session
  readonly version: string | null
}

function chosen(file: Noxfile, stated: readonly string[], tags: readonly string[]): readonly Chosen[] {
  if (tags.length > 0)
    return file.sessions
      .filter((each) => each.tags.some((tag) => tags.includes(tag)))
      .map((session) => ({ session, version: null }))
  const names =
    stated.length > 0
      ? stated
      : (file.listed ?? file.sessions.filter(({ isDefault }) => isDefault).map(({ name }) => name))
  return names.flatMap((name) => {
    const plain = name.replace(/\(.*$/, '')
    const version = /^(.*)-((?:pypy)?\d[\w.]*)$/.exec(plain)
    const session = file.sessions.find((each) => each.name === plain)
    const versioned = file.sessions.find((each) => each.name === version?.[1])
    if (session !== undefined) return [{ session, version: null }]
    return versioned === undefined ? [] : [{ session: versioned, version: version?.[2] ?? null }]
  })
}
