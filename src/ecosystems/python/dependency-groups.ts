import { isTable, tomlAt, wordsOf } from '../../test-frameworks/python-settings.ts'
import { specifierOf } from './poetry-versions.ts'
import type { ManifestFiles } from './project.ts'

/** The lists of requirements for development that the manifests name, each under the name that its tool gives it. */
export function groupsOf(files: ManifestFiles): ReadonlyMap<string, readonly string[]> {
  const { pyproject } = files
  const groups = new Map<string, string[]>()
  const add = (name: string, requirements: readonly string[]) => {
    groups.set(name, [...(groups.get(name) ?? []), ...requirements])
  }
  for (const name of keysOf(tomlAt(pyproject, 'dependency-groups'))) add(name, groupOf(pyproject, name, new Set()))
  for (const [name, list] of entriesOf(tomlAt(pyproject, 'tool', 'pdm', 'dev-dependencies')))
    add(name, wordsOfList(list))
  add('dev', wordsOfList(tomlAt(pyproject, 'tool', 'uv', 'dev-dependencies')))
  for (const [name, group] of entriesOf(tomlAt(pyproject, 'tool', 'poetry', 'group')))
    add(name, poetryList(tomlAt(group, 'dependencies')))
  add('dev', poetryList(tomlAt(pyproject, 'tool', 'poetry', 'dev-dependencies')))
  for (const [name, environment] of entriesOf(tomlAt(pyproject, 'tool', 'hatch', 'envs')))
    add(name, [
      ...wordsOfList(tomlAt(environment, 'dependencies')),
      ...wordsOfList(tomlAt(environment, 'extra-dependencies')),
    ])
  add('dev', poetryList(tomlAt(files.pipfile, 'dev-packages')))
  add('packages', poetryList(tomlAt(files.pipfile, 'packages')))
  add('tests_require', testsRequire(files))
  return new Map([...groups].filter(([, list]) => list.length > 0))
}

/** PEP 735, with the groups that a group includes. */
function groupOf(pyproject: unknown, name: string, seen: Set<string>): readonly string[] {
  if (seen.has(name)) return []
  seen.add(name)
  const list = tomlAt(pyproject, 'dependency-groups', name)
  if (!Array.isArray(list)) return []
  return list.flatMap((each: unknown) => {
    if (typeof each === 'string') return [each]
    const included = tomlAt(each, 'include-group')
    return typeof included === 'string' ? groupOf(pyproject, included, seen) : []
  })
}

/** Poetry's and Pipenv's tables: name → version, or a table with it. What is not from an index is left out. */
export function poetryList(table: unknown): readonly string[] {
  return entriesOf(table).flatMap(([name, value]) => {
    if (name === 'python') return []
    const wish = Array.isArray(value) ? (value[0] as unknown) : value
    if (isTable(wish) && ['git', 'path', 'url', 'file'].some((key) => key in wish)) return []
    const version = typeof wish === 'string' ? wish : tomlAt(wish, 'version')
    const specifier = specifierOf(typeof version === 'string' ? version : '*')
    const extras = wordsOfList(tomlAt(wish, 'extras'))
    const marker = tomlAt(wish, 'markers')
    const text = `${name}${extras.length === 0 ? '' : `[${extras.join(',')}]`}${specifier ?? ''}`
    return [typeof marker === 'string' ? `${text} ; ${marker}` : text]
  })
}

function testsRequire({ setupCfg, setupPy }: ManifestFiles): readonly string[] {
  const cfg = setupCfg.get('options')?.get('tests_require')
  if (cfg !== undefined) return cfg.split('\n').filter((line) => /^[A-Za-z]/.test(line))
  const text = setupPy ?? ''
  const variable = /tests_require\s*=\s*(?<name>[A-Za-z_]\w*)/.exec(text)?.groups?.name
  const list =
    new RegExp(`${variable ?? 'tests_require'}\\s*=\\s*\\[(?<list>[^\\]]*)\\]`).exec(text)?.groups?.list ?? ''
  return [...list.matchAll(/["'](?<each>[A-Za-z][^"']*)["']/g)].map(({ groups }) => groups?.each ?? '')
}

function keysOf(table: unknown): readonly string[] {
  return isTable(table) ? Object.keys(table) : []
}

function entriesOf(table: unknown): readonly (readonly [string, unknown])[] {
  return isTable(table) ? Object.entries(table) : []
}

function wordsOfList(value: unknown): readonly string[] {
  return Array.isArray(value) ? wordsOf(value) : []
}
