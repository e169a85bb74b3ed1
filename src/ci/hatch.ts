import type { TreeReader } from '../model/index.ts'
import { joined } from './paths.ts'
import { splitShell } from './shell.ts'
import { commandOf, type TaskCall, type TaskPart } from './task-runner.ts'
import type { TaskEnvironment } from './types.ts'
import { type Fields, isRecord, recordIn, safeToml, scalar, texts } from './values.ts'

interface HatchFile {
  readonly path: string
  readonly environments: Fields
}

/** Every environment of hatch, with what its scripts come to. */
export async function readHatch(tree: TreeReader): Promise<readonly TaskEnvironment[]> {
  const file = await readFile(tree, '.')
  return file === null
    ? []
    : Object.keys(file.environments).map((name) => environmentOf(file, name, '.', scriptLines(file, name)))
}

async function readFile(tree: TreeReader, directory: string): Promise<HatchFile | null> {
  for (const name of ['hatch.toml', 'pyproject.toml']) {
    const path = joined(directory, name)
    const text = tree.has(path) ? await tree.read(path) : null
    const table = text === null ? {} : safeToml(text)
    const environments = recordIn(name === 'hatch.toml' ? table : recordIn(recordIn(table, 'tool'), 'hatch'), 'envs')
    if (Object.keys(environments).length > 0) return { path, environments }
  }
  return null
}

/** An environment's own values over those of its template (`default`, where it names none). */
function merged(file: HatchFile, name: string, depth = 0): Fields {
  const own = recordIn(file.environments, name)
  const template = scalar(own.template) ?? 'default'
  if (template === name || depth > 5 || own.detached === true) return own
  const base = merged(file, template, depth + 1)
  const matrix = template === 'default' ? { matrix: own.matrix } : {}
  return { ...base, ...own, ...matrix, scripts: { ...recordIn(base, 'scripts'), ...recordIn(own, 'scripts') } }
}

function environmentOf(file: HatchFile, name: string, directory: string, commands: readonly string[]): TaskEnvironment {
  const held = merged(file, name)
  const matrix = (Array.isArray(held.matrix) ? held.matrix : []).filter(isRecord)
  const skips = held['skip-install'] === true || held.detached === true
  return {
    runner: 'hatch',
    name,
    from: `${file.path} envs.${name}`,
    python: scalar(held.python) ?? texts(matrix[0]?.python).at(-1) ?? null,
    dependencies: [...listed(held.dependencies), ...listed(held['extra-dependencies'])],
    extras: listed(held.features),
    groups: listed(held['dependency-groups']),
    project: skips ? 'no' : held['dev-mode'] === false ? 'installed' : 'editable',
    variables: variablesOf(held['env-vars']),
    directory,
    commands,
  }
}

function listed(value: unknown): readonly string[] {
  return Array.isArray(value) ? texts(value) : []
}

function variablesOf(value: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(isRecord(value) ? value : {}).flatMap(([name, each]) => {
      const text = scalar(each)
      return text === null || text.includes('{') ? [] : [[name, text] as const]
    }),
  )
}

function scriptLines(file: HatchFile, name: string): readonly string[] {
  return Object.keys(recordIn(merged(file, name), 'scripts')).flatMap((script) => expanded(file, name, script, [], 0))
}

/** A script's lines; one that begins with another script's name is that script's. */
function expanded(
  file: HatchFile,
  name: string,
  script: string,
  given: readonly string[],
  depth: number,
): readonly string[] {
  const scripts = recordIn(merged(file, name), 'scripts')
  if (depth > 6 || !Object.hasOwn(scripts, script)) return []
  return texts(scripts[script]).flatMap((line) => {
    const filled = line
      .replace(/^-\s+/, '')
      .replaceAll(/\{args(?::([^{}]*))?\}/g, (_, fallback?: string) =>
        given.length > 0 ? given.join(' ') : (fallback ?? ''),
      )
      .replaceAll(/\{env:(\w+)(?::([^{}]*))?\}/g, (_, __, fallback?: string) => fallback ?? '')
      .replaceAll(/\{root(?::uri)?\}\/?/g, './')
    const [first = '', ...rest] = filled.trim().split(/\s+/)
    return Object.hasOwn(scripts, first) && first !== script ? expanded(file, name, first, rest, depth + 1) : [filled]
  })
}

/** `hatch test -- args`; `hatch run x` reads as a wrapper of x. */
export async function runHatch(call: TaskCall): Promise<readonly TaskPart[] | null> {
  const [, verb, ...rest] = call.words
  return verb === 'test' ? testParts(call, await readFile(call.tree, call.directory), rest) : null
}

/** hatch's own test environment is pytest, or what its scripts say. */
function testParts(call: TaskCall, file: HatchFile | null, words: readonly string[]): readonly TaskPart[] {
  const name = 'hatch-test'
  const given = words.filter(
    (word) => !/^(?:-[acip]+|--(?:|all|cover|parallel|randomize|python.*|include.*))$/.test(word),
  )
  const held: HatchFile = file ?? { path: 'hatch.toml', environments: {} }
  const lines = expanded(held, name, words.some((word) => /^(?:-c|--cover)$/.test(word)) ? 'run-cov' : 'run', given, 0)
  const environment = environmentOf(held, name, call.directory, lines)
  const label = `${held.path} envs.${name}`
  const commands = lines.length === 0 ? [[commandOf(['pytest', ...given])]] : lines.map((line) => splitShell(line))
  return commands.map((each) => ({
    label,
    commands: each,
    directory: call.directory,
    variables: environment.variables,
    environment,
  }))
}

/** `hatch run x` was taken for a wrapper of `x`: where its environment has a script of that name, it is that. */
export async function runHatchScript(call: TaskCall): Promise<readonly TaskPart[] | null> {
  const wrapper = call.wrappers.at(-1)
  const file = wrapper?.[0] === 'hatch' ? await readFile(call.tree, call.directory) : null
  if (wrapper === undefined || file === null) return null
  const [first = '', ...rest] = call.words.filter((word) => !/^[+-](?:py|python|\w+)=/.test(word))
  const cut = first.indexOf(':')
  const name =
    cut > 0
      ? first.slice(0, cut)
      : (wrapper.flatMap((word) => /^(?:-e|--env)=(.+)$/.exec(word)?.[1] ?? [])[0] ?? 'default')
  const script = first.slice(cut + 1)
  const lines = expanded(file, name, script, rest, 0)
  const environment = environmentOf(file, name, call.directory, lines)
  if (lines.length === 0)
    return cut > 0 || name !== 'default' || Object.hasOwn(file.environments, 'default')
      ? bare(call, environment, [script, ...rest])
      : null
  return lines.map((line) => ({
    label: `${file.path} envs.${name}.scripts.${script}`,
    commands: splitShell(line),
    directory: call.directory,
    variables: environment.variables,
    environment,
  }))
}

/** A program that is started in an environment, and is no script of it. */
function bare(call: TaskCall, environment: TaskEnvironment, words: readonly string[]): readonly TaskPart[] {
  return [
    {
      label: environment.from,
      commands: [commandOf(words)],
      directory: call.directory,
      variables: environment.variables,
      environment,
    },
  ]
}
