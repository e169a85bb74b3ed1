import type { TreeReader } from '../model/index.ts'
import { joined } from './paths.ts'
import { splitShell } from './shell.ts'
import type { TaskCall, TaskPart, TaskRunner } from './task-runner.ts'
import { type Fields, isRecord, recordIn, safeToml, safeYaml, scalar, texts } from './values.ts'

/** A task that stands in a table of a manifest. */
export interface TableTask {
  /** Shell texts, in order. */
  readonly texts: readonly string[]
  /** Names of tasks of the same table that come first. */
  readonly needs: readonly string[]
  readonly variables: Readonly<Record<string, string>>
  readonly directory: string
  /** A caller's arguments go only where the text has a place for them. */
  readonly placed?: boolean
}

interface Table {
  readonly path: string
  readonly tasks: ReadonlyMap<string, TableTask>
}

type ReadTable = (tree: TreeReader, directory: string) => Promise<Table | null>

/** pdm, poe, taskipy, rye, pixi, pipenv and Task: named lines in a table, each of its own shape. */
const tables: Readonly<Record<string, ReadTable>> = {
  pdm: (tree, directory) => pyproject(tree, directory, ['pdm', 'scripts'], (name) => `pdm run ${name}`),
  poe: (tree, directory) => pyproject(tree, directory, ['poe', 'tasks'], (name) => `poe ${name}`),
  task: async (tree, directory) =>
    (await taskfile(tree, directory)) ??
    (await pyproject(tree, directory, ['taskipy', 'tasks'], (name) => `task ${name}`)),
  rye: (tree, directory) => pyproject(tree, directory, ['rye', 'scripts'], (name) => `rye run ${name}`),
  pixi,
  pipenv,
}

/** The table that `pdm run x`, `poe x` or `pixi run x` looks into, for commands of this program. */
export const runTableTask: TaskRunner = async (call) => {
  const [program = '', ...rest] = call.words
  const isPoe = rest[0] === 'poe' && program !== 'poe'
  return isPoe ? await open(call, 'poe', rest.slice(1)) : await open(call, program, rest)
}

/** `pdm run x` was taken for a wrapper of `x`: where a table has a task of that name, it is that. */
export async function runWrapped(call: TaskCall): Promise<readonly TaskPart[] | null> {
  const wrapper = call.wrappers.at(-1)
  const program = wrapper?.[0] ?? ''
  if (wrapper?.at(1) === undefined || !['pdm', 'rye', 'pixi', 'pipenv'].includes(program)) return null
  return await open(call, program, call.words)
}

async function open(call: TaskCall, program: string, words: readonly string[]): Promise<readonly TaskPart[] | null> {
  const read = Object.hasOwn(tables, program) ? tables[program] : undefined
  const at = words.findIndex((word) => !word.startsWith('-'))
  const name = words[at]
  if (read === undefined || name === undefined) return null
  const [directory, table] = await nearestTable(call, read)
  if (table === null || !table.tasks.has(name)) return null
  const given = words.slice(at + 1).filter((word, index) => word !== '--' || index > 0)
  return partsFor({ ...call, directory }, table, name, given, new Set())
}

/** Where the command stands, or else at the root: these programs look upwards. */
async function nearestTable(call: TaskCall, read: ReadTable): Promise<readonly [string, Table | null]> {
  const here = await read(call.tree, call.directory)
  return here !== null || call.directory === '.' ? [call.directory, here] : ['.', await read(call.tree, '.')]
}

function partsFor(
  call: TaskCall,
  table: Table,
  name: string,
  given: readonly string[],
  made: Set<string>,
): readonly TaskPart[] {
  const task = table.tasks.get(name)
  if (task === undefined || made.has(name)) return []
  made.add(name)
  const lines = task.texts.map((text, index) => {
    const placed = /\{args(?::[^}]*)?\}/.test(text)
    const filled = text.replaceAll(/\{args(?::([^}]*))?\}/g, (_, fallback?: string) =>
      given.length > 0 ? given.join(' ') : (fallback ?? ''),
    )
    return placed || task.placed === true || given.length === 0 || index < task.texts.length - 1
      ? filled
      : `${filled} ${given.join(' ')}`
  })
  return [
    ...task.needs.flatMap((need) => partsFor(call, table, need, [], made)),
    ...lines.map((text) => ({
      label: `${table.path} ${name}`,
      commands: splitShell(text),
      directory: joined(call.directory, task.directory),
      variables: task.variables,
      positional: given,
    })),
  ]
}

async function pyproject(
  tree: TreeReader,
  directory: string,
  keys: readonly string[],
  again: (name: string) => string,
): Promise<Table | null> {
  const path = joined(directory, 'pyproject.toml')
  const text = tree.has(path) ? await tree.read(path) : null
  if (text === null) return null
  const held = keys.reduce<Fields>(recordIn, recordIn(safeToml(text), 'tool'))
  return { path: `${path} tool.${keys.join('.')}`, tasks: tasksOf(held, again) }
}

/** The shapes of pdm, poe, rye and taskipy: a line; a list of words or tasks; `cmd`, `shell`, `sequence`, `composite`, `chain`. */
function tasksOf(table: Fields, again: (name: string) => string): ReadonlyMap<string, TableTask> {
  return new Map(
    Object.entries(table).map(([name, held]) => {
      const task = isRecord(held) ? held : { cmd: held }
      const list = [task.sequence, task.composite, task.chain].find(Array.isArray)
      const command = task.cmd ?? task.shell
      const isList = Array.isArray(task.cmd) && !isRecord(held)
      const lines = list ?? (isList ? task.cmd : null)
      return [
        name,
        {
          texts: Array.isArray(lines)
            ? lines.flatMap((line) => stepOf(line, table, again))
            : Array.isArray(command)
              ? [texts(command).join(' ')]
              : texts(command),
          needs: texts(task.deps),
          variables: variablesOf(task.env),
          directory: scalar(task.cwd ?? task.working_dir) ?? '.',
        },
      ] as const
    }),
  )
}

/** One step of a sequence: a task's name (with its arguments), or a command. */
function stepOf(step: unknown, table: Fields, again: (name: string) => string): readonly string[] {
  if (isRecord(step)) {
    const ref = scalar(step.ref)
    return ref === null ? texts(step.cmd ?? step.shell) : [again(ref)]
  }
  const line = scalar(step) ?? ''
  return line === '' ? [] : [Object.hasOwn(table, line.split(' ')[0] ?? '') ? again(line) : line]
}

function variablesOf(value: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(isRecord(value) ? value : {}).flatMap(([name, each]) => {
      const text = scalar(each)
      return text === null || text.includes('$') ? [] : [[name, text] as const]
    }),
  )
}

/** `[tasks]` of pixi.toml or `[tool.pixi.tasks]`, features' tasks with them. */
async function pixi(tree: TreeReader, directory: string): Promise<Table | null> {
  for (const name of ['pixi.toml', 'pyproject.toml']) {
    const path = joined(directory, name)
    const text = tree.has(path) ? await tree.read(path) : null
    const file = text === null ? {} : safeToml(text)
    const held = name === 'pixi.toml' ? file : recordIn(recordIn(file, 'tool'), 'pixi')
    const features = Object.values(recordIn(held, 'feature')).map((feature) => recordIn(feature, 'tasks'))
    const tasks: Fields = Object.assign({}, ...features, recordIn(held, 'tasks'))
    if (Object.keys(tasks).length > 0)
      return { path, tasks: new Map(Object.entries(tasks).map(([task, value]) => [task, pixiTask(value)])) }
  }
  return null
}

function pixiTask(value: unknown): TableTask {
  const task = isRecord(value) ? value : { cmd: value }
  const needs = task['depends-on'] ?? task.depends_on
  const names = (Array.isArray(needs) ? needs : [needs]).flatMap((need) =>
    isRecord(need) ? texts(need.task) : texts(need),
  )
  const lines = Array.isArray(task.cmd) ? [texts(task.cmd).join(' ')] : texts(task.cmd)
  return { texts: lines, needs: names, variables: variablesOf(task.env), directory: scalar(task.cwd) ?? '.' }
}

async function pipenv(tree: TreeReader, directory: string): Promise<Table | null> {
  const path = joined(directory, 'Pipfile')
  const text = tree.has(path) ? await tree.read(path) : null
  return text === null
    ? null
    : { path, tasks: tasksOf(recordIn(safeToml(text), 'scripts'), (name) => `pipenv run ${name}`) }
}

/** Taskfile.yml of the program `task`. */
async function taskfile(tree: TreeReader, directory: string): Promise<Table | null> {
  const path = ['Taskfile.yml', 'Taskfile.yaml', 'taskfile.yml', 'Taskfile.dist.yml']
    .map((name) => joined(directory, name))
    .find((name) => tree.has(name))
  const text = path === undefined ? null : await tree.read(path)
  if (path === undefined || text === null) return null
  const file = safeYaml(text)
  const globals = variablesOf(recordIn(file, 'vars'))
  const tasks = Object.entries(recordIn(file, 'tasks')).map(([name, held]) => [name, taskOf(held, globals)] as const)
  return { path, tasks: new Map(tasks) }
}

function taskOf(held: unknown, globals: Readonly<Record<string, string>>): TableTask {
  const task: Fields = isRecord(held) ? held : { cmds: held }
  const known = { ...globals, ...variablesOf(task.vars) }
  const commands = task.cmds ?? task.cmd
  const fill = (text: string): string =>
    text
      .replaceAll(/\{\{\s*\.CLI_ARGS\s*\}\}/g, '{args}')
      .replaceAll(/\{\{\s*\.(\w+)\s*(?:\|[^}]*)?\}\}/g, (_, name: string) => known[name] ?? `$${name}`)
  return {
    texts: (Array.isArray(commands) ? commands : [commands]).flatMap((each) => {
      if (!isRecord(each)) return texts(each).map(fill)
      return each.task === undefined ? texts(each.cmd).map(fill) : texts(each.task).map((name) => `task ${name}`)
    }),
    needs: (Array.isArray(task.deps) ? task.deps : []).flatMap((need) => texts(isRecord(need) ? need.task : need)),
    variables: variablesOf(task.env),
    directory: scalar(task.dir) ?? '.',
    placed: true,
  }
}
