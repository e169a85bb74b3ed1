import { posix } from 'node:path'
import { plainText, rootElement, type XmlElement } from './xml-elements.ts'

/** Plugins that run tests, the properties that steer them, where tests are and come to, and what only tests depend on: these belong to the tests. */
const runnerPlugins = new Set(['maven-surefire-plugin', 'maven-failsafe-plugin'])
const runnerProperty =
  /^(?:surefire\.|failsafe\.|maven\.test\.|skip\.?(?:unit|integration)?\.?(?:tests?|its?)$|argLine$|(?:test|it)\.skip$|junit\.|groups$|excludedGroups$)/i
const testPlaces = new Set(['testSourceDirectory', 'testOutputDirectory', 'testResources'])

/** One thing of a model that belongs to the tests. */
interface RunnerKey {
  /** The elements that hold it, outermost first: `project`, `build`, `plugins`. A profile's name holds its id. */
  readonly holders: readonly string[]
  readonly name: string
  readonly start: number
  readonly end: number
  readonly text: string
  readonly value: string
}

export function isPom(path: string): boolean {
  return posix.basename(path) === 'pom.xml'
}

export function isPomText(text: string | null): boolean {
  return text !== null && rootElement(text)?.name === 'project'
}

/** As `withRunnerKeys`, for a model of Maven. */
export function withPomKeys(pom: string, ...states: readonly string[]): string {
  const own = keysOf(pom)
  const known = states.map(keysOf)
  const wanted = known.at(-1)
  if (own === null || wanted === null || wanted === undefined) return pom
  const places = new Set([own, ...known].flatMap((keys) => keys?.map(placeOf) ?? []))
  let text = pom
  for (const place of places) {
    const isHonest = known.some((keys) => keys !== null && valueAt(keys, place) === valueAt(own, place))
    if (!isHonest) text = withKey(text, place, wanted)
  }
  return text
}

function placeOf({ holders, name }: RunnerKey): string {
  return [...holders, name].join('/')
}

function valueAt(keys: readonly RunnerKey[], place: string): string {
  return JSON.stringify(keys.filter((key) => placeOf(key) === place).map(({ value }) => value))
}

/** The text with what the wanted state has at a place, in the place of its own. */
function withKey(text: string, place: string, wanted: readonly RunnerKey[]): string {
  const own = keysOf(text)?.filter((key) => placeOf(key) === place) ?? []
  const bare = own.toReversed().reduce((left, { start, end }) => left.slice(0, start) + left.slice(end), text)
  const additions = wanted.filter((key) => placeOf(key) === place)
  const [first] = additions
  if (first === undefined) return bare
  const at = own[0]?.start
  const added = additions.map((key) => key.text).join('\n')
  return at === undefined ? inserted(bare, first.holders, added) : bare.slice(0, at) + added + bare.slice(at)
}

/** Puts a text into the innermost of these elements; those that are not there are made. */
function inserted(text: string, holders: readonly string[], added: string): string {
  let holder = rootElement(text)
  let rest = holders.slice(1)
  while (holder !== null && rest.length > 0) {
    const inner: XmlElement | undefined = holder.children.find((child) => nameOf(text, child) === rest[0])
    // One that closes itself has no inside.
    if (inner === undefined || inner.innerStart === inner.end) break
    holder = inner
    rest = rest.slice(1)
  }
  if (holder === null) return text
  const wrapped = rest.toReversed().reduce((inner, name) => wrap(name, inner), added)
  return `${text.slice(0, holder.innerEnd)}${wrapped}\n${text.slice(holder.innerEnd)}`
}

function wrap(name: string, inner: string): string {
  const id = /^profile:(?<id>.*)$/s.exec(name)?.groups?.id
  return id === undefined ? `<${name}>${inner}</${name}>` : `<profile><id>${id}</id>${inner}</profile>`
}

function keysOf(text: string): readonly RunnerKey[] | null {
  const root = rootElement(text)
  if (root?.name !== 'project') return null
  const keys: RunnerKey[] = []
  collect(text, root, ['project'], keys)
  return keys
}

function collect(text: string, holder: XmlElement, holders: readonly string[], keys: RunnerKey[]): void {
  for (const child of holder.children) {
    const name = runnerName(text, child, holders)
    if (name !== null) {
      const { start, end } = child
      keys.push({ holders, name, start, end, text: text.slice(start, end), value: plainText(text, child) })
    } else if (/^(?:properties|build|pluginManagement|plugins|profiles|profile|dependencies)$/.test(child.name))
      collect(text, child, [...holders, nameOf(text, child)], keys)
  }
}

/** What a key is called; null for what is none. */
function runnerName(text: string, child: XmlElement, holders: readonly string[]): string | null {
  const holder = holders.at(-1)
  if (holder === 'properties') return runnerProperty.test(child.name) ? child.name : null
  if (holder === 'dependencies') {
    const isTests = child.name === 'dependency' && textOf(text, child, 'scope') === 'test'
    return isTests ? `${textOf(text, child, 'groupId')}:${textOf(text, child, 'artifactId')}` : null
  }
  if (holder === 'build' && testPlaces.has(child.name)) return child.name
  if (holder !== 'plugins' || child.name !== 'plugin') return null
  const artifact = textOf(text, child, 'artifactId')
  return runnerPlugins.has(artifact) ? artifact : null
}

function nameOf(text: string, element: XmlElement): string {
  return element.name === 'profile' ? `profile:${textOf(text, element, 'id')}` : element.name
}

function textOf(text: string, { children }: XmlElement, name: string): string {
  const found = children.find((child) => child.name === name)
  return found === undefined ? '' : plainText(text, found)
}
