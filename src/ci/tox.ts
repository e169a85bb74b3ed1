import type { TreeReader } from '../model/index.ts'
import { itemsOf, parseConfigFile } from './config-file.ts'
import { expandBraces, nearestOfEach } from './factors.ts'
import { joined } from './paths.ts'
import { partsOf, type TaskCall, type TaskPart } from './task-runner.ts'
import { toxFromIni } from './tox-ini.ts'
import type { ToxSource } from './tox-source.ts'
import { toxFromToml } from './tox-toml.ts'
import type { TaskEnvironment } from './types.ts'
import { recordIn, safeToml, scalar } from './values.ts'

/** Every environment of the root's tox settings: those that `tox` alone runs first, in their order, then the other declared ones. */
export async function readTox(tree: TreeReader): Promise<readonly TaskEnvironment[]> {
  const source = await toxSource(tree, '.', null)
  if (source === null) return []
  const names = [...new Set([...source.listed, ...source.declared])]
  return names.map((name) => source.environment({ name, positional: [], variables: {} }))
}

/** Where tox looks, in its order: tox.ini, setup.cfg, pyproject.toml, tox.toml. */
async function toxSource(tree: TreeReader, directory: string, named: string | null): Promise<ToxSource | null> {
  for (const name of named === null ? ['tox.ini', 'setup.cfg', 'pyproject.toml', 'tox.toml'] : [named]) {
    const path = joined(directory, name)
    const text = tree.has(path) ? await tree.read(path) : null
    const source = text === null ? null : sourceIn(path, text)
    if (source !== null) return source
  }
  return null
}

function sourceIn(path: string, text: string): ToxSource | null {
  if (path.endsWith('.toml')) {
    const file = safeToml(text)
    if (!path.endsWith('pyproject.toml')) return toxFromToml(path, file)
    const settings = recordIn(recordIn(file, 'tool'), 'tox')
    const legacy = scalar(settings.legacy_tox_ini)
    if (legacy !== null) return toxFromIni(path, parseConfigFile(legacy), 'tox')
    return Object.keys(settings).length === 0 ? null : toxFromToml(path, settings)
  }
  const file = parseConfigFile(text)
  if (!path.endsWith('setup.cfg')) return toxFromIni(path, file, 'tox')
  return file.has('tox:tox') ? toxFromIni(path, file, 'tox:tox') : null
}

/** A command line of tox, as far as it chooses environments. */
interface ToxCall {
  readonly names: readonly string[]
  readonly factors: readonly string[]
  readonly labels: readonly string[]
  readonly file: string | null
  readonly positional: readonly string[]
  readonly runs: boolean
}

/** `tox -e py312 -- args`: the commands of those environments. Of environments that do the same, the one nearest to the default. */
export async function runTox(call: TaskCall): Promise<readonly TaskPart[] | null> {
  const wanted = readCall(call.words.slice(1))
  const source = wanted.runs ? await toxSource(call.tree, call.directory, wanted.file) : null
  if (source === null) return null
  const stated = wanted.names.length > 0 ? wanted.names : itemsOf(call.variables.TOXENV ?? call.variables.TOX_ENV)
  // A name that only a shell could work out is none.
  const known = stated.filter((name) => !/[$`(]/.test(name))
  const names = known.flatMap((name) => (name === 'ALL' ? source.listed : expandBraces(name)))
  const labelled = wanted.labels.flatMap((label) => source.labels.get(label) ?? [])
  const { positional } = wanted
  const environments = chosen(source, [...names, ...labelled], wanted.factors).map((name) =>
    source.environment({ name, positional, variables: call.variables }),
  )
  const apart = nearestOfEach(
    environments,
    ({ name }) => name,
    ({ commands }) => commands.join('\n').replaceAll(/\.tox\/[^/ ]+/g, '.tox'),
  )
  return apart.flatMap((environment) =>
    partsOf(environment.commands, {
      label: `${environment.from} (tox -e ${environment.name})`,
      directory: environment.directory,
      variables: environment.variables,
      environment,
    }),
  )
}

function chosen(source: ToxSource, names: readonly string[], factors: readonly string[]): readonly string[] {
  if (names.length > 0) return names
  const all = source.listed.length === 0 ? ['py'] : source.listed
  return factors.length === 0 ? all : all.filter((name) => factors.every((factor) => name.split('-').includes(factor)))
}

const valued = new Set([
  '-e',
  '--env',
  '-f',
  '-m',
  '-c',
  '--conf',
  '-x',
  '--override',
  '--workdir',
  '--root',
  '-p',
  '--parallel',
  '--skip-env',
  '--result-json',
  '--installpkg',
  '--index-url',
  '-i',
  '--hashseed',
  '-o',
])
const running = new Set(['run', 'r', 'run-parallel', 'p', 'legacy', 'le'])

function readCall(words: readonly string[]): ToxCall {
  const cut = words.indexOf('--')
  const own = cut === -1 ? words : words.slice(0, cut)
  const values = (...names: readonly string[]): string[] =>
    own.flatMap((word, at) => {
      const [name = '', ...inline] = word.split('=')
      if (names.includes(word)) return own[at + 1] ?? []
      if (names.includes(name) && inline.length > 0) return inline.join('=')
      return names.some((each) => /^-\w$/.test(each) && word.startsWith(each) && word.length > 2) ? word.slice(2) : []
    })
  const verb = own.find((word, at) => !word.startsWith('-') && !valued.has(own[at - 1] ?? ''))
  const isVerb = verb !== undefined && own.indexOf(verb) === own.findIndex((word) => !word.startsWith('-'))
  return {
    names: values('-e', '--env').flatMap((value) => itemsOf(value)),
    factors: values('-f').flatMap((value) => value.split('-')),
    labels: values('-m'),
    file: values('-c', '--conf')[0] ?? null,
    positional: cut === -1 ? [] : words.slice(cut + 1),
    runs:
      !own.some((word) => /^(?:--notest|--showconfig|--version|-l|-a|--listenvs|--help)$/.test(word)) &&
      (!isVerb ||
        running.has(verb) ||
        !/^(?:list|l|config|c|devenv|d|exec|e|depends|de|quickstart|q|schema)$/.test(verb)),
  }
}
