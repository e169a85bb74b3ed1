import { quoted } from './expand.ts'
import { expandBraces, pythonIn } from './factors.ts'
import { joined } from './paths.ts'
import type { ToxRequest, ToxSource } from './tox-source.ts'
import type { TaskEnvironment } from './types.ts'
import { type Fields, isRecord, recordIn, scalar, texts } from './values.ts'

/** tox's own TOML: `[tool.tox]` of pyproject.toml, or tox.toml. */
export function toxFromToml(path: string, settings: Fields): ToxSource {
  const own = recordIn(settings, 'env')
  return {
    path,
    listed: texts(settings.env_list).flatMap((name) => expandBraces(name)),
    declared: Object.keys(own),
    labels: new Map(
      Object.entries(recordIn(settings, 'labels')).map(([label, names]) => [label, texts(names)] as const),
    ),
    environment: (request) => environment(path, settings, request),
  }
}

/** Values of one environment: its own, over those of `env_run_base`. */
interface Reading {
  readonly settings: Fields
  readonly request: ToxRequest
  readonly held: Fields
}

function environment(path: string, settings: Fields, request: ToxRequest): TaskEnvironment {
  const own = recordIn(recordIn(settings, 'env'), request.name)
  const reading = { settings, request, held: { ...recordIn(settings, 'env_run_base'), ...own } }
  const { held } = reading
  const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.'
  const kind = scalar(held.package) ?? ''
  const none =
    held.skip_install === true || settings.no_package === true || settings.skipsdist === true || kind === 'skip'
  return {
    runner: 'tox',
    name: request.name,
    from: `${path} ${Object.keys(own).length === 0 ? 'env_run_base' : `env.${request.name}`}`,
    python: texts(held.base_python)[0] ?? pythonIn(request.name),
    dependencies: list(reading, held.deps, 0),
    extras: list(reading, held.extras, 0),
    groups: list(reading, held.dependency_groups, 0),
    project: held.use_develop === true || kind.startsWith('editable') ? 'editable' : none ? 'no' : 'installed',
    variables: variablesIn(reading, held.set_env),
    directory: joined(folder, substituted(reading, scalar(held.change_dir) ?? '.')),
    commands: ['commands_pre', 'commands', 'commands_post'].flatMap((key) => commands(reading, held[key], 0)),
  }
}

function variablesIn(reading: Reading, value: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(isRecord(value) ? value : {}).flatMap(([name, each]) => {
      const text = scalar(each)
      return text === null ? [] : [[name, substituted(reading, text)] as const]
    }),
  )
}

function commands(reading: Reading, value: unknown, depth: number): readonly string[] {
  return (Array.isArray(value) ? value : []).flatMap((command: unknown) => {
    if (isRecord(command)) return depth > 6 ? [] : commands(reading, replaced(reading, command), depth + 1)
    const words = Array.isArray(command) ? list(reading, command, 0) : texts(command)
    const line = words.map((word) => quoted(word)).join(' ')
    return line === '' ? [] : [line.replace(/^[-!]\s+/, '')]
  })
}

/** A list's texts; tables in it (`{ replace = "posargs", extend = true }`) are replaced by what they stand for. */
function list(reading: Reading, value: unknown, depth: number): readonly string[] {
  if (depth > 6) return []
  return (Array.isArray(value) ? value : [value]).flatMap((item: unknown) => {
    if (isRecord(item)) return list(reading, replaced(reading, item), depth + 1)
    const text = scalar(item)
    return text === null
      ? []
      : substituted(reading, text)
          .split('\n')
          .map((line) => line.trim())
          .filter((line) => line !== '')
  })
}

function replaced({ settings, request, held }: Reading, table: Fields): unknown {
  if (table.replace === 'posargs') return request.positional.length > 0 ? request.positional : (table.default ?? [])
  if (table.replace === 'env') return request.variables[scalar(table.name) ?? ''] ?? table.default ?? ''
  if (table.replace === 'if') return table.then ?? table.else
  if (table.replace !== 'ref') return table.prefix ?? undefined
  const key = scalar(table.key)
  const path = key === null ? texts(table.of) : ['env', scalar(table.env) ?? request.name, key]
  let found: unknown = settings
  for (const step of path) found = isRecord(found) && Object.hasOwn(found, step) ? found[step] : undefined
  return found ?? (key === null ? undefined : held[key])
}

function substituted({ request }: Reading, text: string): string {
  const { name, variables } = request
  return text
    .replaceAll(/\{(?:env_bin_dir|envbindir)\}\//g, '')
    .replaceAll(
      /\{env:(\w+)(?::([^{}]*))?\}/g,
      (_, variable: string, other?: string) => variables[variable] ?? other ?? '',
    )
    .replaceAll(/\{(env_name|envname)\}/g, name)
    .replaceAll(/\{(?:env_python|envpython)\}/g, 'python')
    .replaceAll(/\{(?:tox_root|toxinidir)\}/g, '.')
    .replaceAll(/\{(?:work_dir|toxworkdir)\}/g, '.tox')
    .replaceAll(/\{(?:env_dir|envdir)\}/g, `.tox/${name}`)
    .replaceAll(/\{(?:env_tmp_dir|envtmpdir)\}/g, `.tox/${name}/tmp`)
    .replaceAll(/\{(\/|:)\}/g, '$1')
}
