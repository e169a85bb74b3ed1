import { XMLParser, XMLValidator } from 'fast-xml-parser'

const parser = new XMLParser({ ignoreAttributes: true, parseTagValue: false, trimValues: true, processEntities: true })

export interface PomPlugin {
  readonly artifact: string
  readonly version: string | null
  /** As parsed: tags to texts, records or lists. */
  readonly configurations: readonly unknown[]
}

/** What is read of a pom.xml. */
export interface Pom {
  /** Null where it is the parent's. */
  readonly group: string | null
  readonly artifact: string
  readonly version: string | null
  readonly packaging: string
  readonly parent: {
    readonly group: string
    readonly artifact: string
    readonly version: string
    readonly path: string | null
  } | null
  readonly modules: readonly string[]
  /** Names of its profiles. */
  readonly profiles: readonly string[]
  readonly properties: Readonly<Record<string, string>>
  /** Those of the build, of its management and of the profiles that are on by themselves. */
  readonly plugins: readonly PomPlugin[]
}

/** Null for what is no project model. */
export function readPom(text: string): Pom | null {
  if (XMLValidator.validate(text) !== true) return null
  const parsed: unknown = parser.parse(text)
  const project = at(parsed, 'project')
  const artifact = textAt(project, 'artifactId')
  if (artifact === null) return null
  const parent = at(project, 'parent')
  const profiles = list(at(at(project, 'profiles'), 'profile'))
  const active = profiles.filter((profile) => textAt(at(profile, 'activation'), 'activeByDefault') === 'true')
  return {
    artifact,
    group: textAt(project, 'groupId'),
    version: textAt(project, 'version'),
    packaging: textAt(project, 'packaging') ?? 'jar',
    parent: parentOf(parent),
    modules: modulesOf(project),
    profiles: profiles.flatMap((profile) => textAt(profile, 'id') ?? []),
    properties: Object.assign({}, ...[project, ...active].map(propertiesOf)),
    plugins: [project, ...active].flatMap(pluginsOf),
  }
}

function parentOf(parent: unknown): Pom['parent'] {
  const artifact = textAt(parent, 'artifactId')
  if (artifact === null) return null
  const path = at(parent, 'relativePath')
  return {
    artifact,
    group: textAt(parent, 'groupId') ?? '',
    version: textAt(parent, 'version') ?? '',
    // An empty one says that the parent is not in this tree.
    path: path === undefined ? '../pom.xml' : textAt(parent, 'relativePath'),
  }
}

function modulesOf(owner: unknown): readonly string[] {
  return list(at(at(owner, 'modules'), 'module')).filter((module) => typeof module === 'string')
}

function propertiesOf(owner: unknown): Readonly<Record<string, string>> {
  const properties = at(owner, 'properties')
  if (!isRecord(properties)) return {}
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  )
}

function pluginsOf(owner: unknown): readonly PomPlugin[] {
  const build = at(owner, 'build')
  const plugins = [
    ...list(at(at(at(build, 'pluginManagement'), 'plugins'), 'plugin')),
    ...list(at(at(build, 'plugins'), 'plugin')),
  ]
  return plugins.flatMap((plugin) => {
    const artifact = textAt(plugin, 'artifactId')
    if (artifact === null) return []
    const executions = list(at(at(plugin, 'executions'), 'execution'))
    const configurations = [plugin, ...executions].flatMap((each) => list(at(each, 'configuration')))
    return [{ artifact, version: textAt(plugin, 'version'), configurations }]
  })
}

/** `${name}` filled in as far as the properties tell; null where one stays open. */
export function filled(text: string, properties: Readonly<Record<string, string>>, depth = 0): string | null {
  if (depth > 8) return null
  const result = text.replace(/\$\{([^}]+)\}/g, (whole, name: string) => properties[name.trim()] ?? whole)
  if (!result.includes('${')) return result
  return result === text ? null : filled(result, properties, depth + 1)
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function at(value: unknown, name: string): unknown {
  return isRecord(value) ? value[name] : undefined
}

export function textAt(value: unknown, name: string): string | null {
  const found = at(value, name)
  return typeof found === 'string' && found !== '' ? found : null
}

function list(value: unknown): readonly unknown[] {
  if (value === undefined || value === '') return []
  return Array.isArray(value) ? value : [value]
}
