import { posix } from 'node:path'
import { stringify } from 'smol-toml'
import type { Language } from '../languages/index.ts'
import { isTable, readIni, readToml, tomlAt } from '../test-frameworks/python-settings.ts'
import { graftTests } from './graft.ts'
import { sectionsOf, trimmed } from './manifest-sections.ts'

/** Sections that configure how tests are found, run and measured; all else in the file belongs to the source. */
const toml = /^tool\.(?:pytest|coverage|tox|nox)(?:\.|$)/
const ini = /^(?:tool:pytest|pytest|coverage:.*|tox(?::.*)?|testenv(?::.*)?|unittest)$/
const tools = ['pytest', 'coverage', 'tox', 'nox']

export function isPythonManifest(path: string): boolean {
  return ['pyproject.toml', 'setup.cfg'].includes(posix.basename(path))
}

/** True where the tools that read it can. An INI file can always be read in part. */
export function isReadablePython(path: string, text: string | null): boolean {
  return text !== null && (path.endsWith('.cfg') || readToml(text) !== null)
}

/**
 * `manifest` with the sections of test tools as they are in the last of `states`: in place, line for line, and where that does not do, written
 * anew. Returns `manifest` itself where its own are those of one of the states, or where one of the texts can't be read.
 */
export function withPythonKeys(path: string, manifest: string, ...states: readonly string[]): string {
  const wanted = states.at(-1) ?? ''
  if (!isReadablePython(path, manifest) || !isReadablePython(path, wanted)) return manifest
  const own = partOf(path, manifest)
  if (states.some((state) => partOf(path, state) === own)) return manifest
  const grafted = graftTests(path.endsWith('.cfg') ? iniParts : tomlParts, manifest, wanted)
  if (partOf(path, grafted) === partOf(path, wanted)) return grafted
  return path.endsWith('.cfg') ? rewrittenIni(manifest, wanted) : rewrittenToml(manifest, wanted)
}

/** What the test tools read of a manifest, as text that can be compared. */
function partOf(path: string, text: string): string {
  if (path.endsWith('.cfg')) {
    const sections = [...readIni(text)]
      .filter(([name]) => ini.test(name))
      .map(([name, keys]) => [name, [...keys].sort()])
    return JSON.stringify(sections.sort())
  }
  const document = readToml(text)
  return JSON.stringify(
    tools.map((tool) => tomlAt(document, 'tool', tool) ?? null),
    plain,
  )
}

function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  return isTable(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value
}

function parts(name: string, pattern: RegExp): Language {
  return {
    name,
    extensions: [],
    testItems: (source) =>
      sectionsOf(source)
        .filter((section) => pattern.test(section.name))
        .map(({ whole }) => trimmed(source, whole)),
    isTestFile: () => false,
    imports: () => [],
    symbols: () => [],
  }
}

const tomlParts = parts('pyproject', toml)
const iniParts = parts('setup-cfg', ini)

function rewrittenIni(manifest: string, wanted: string): string {
  const chosen = (text: string, isTests: boolean) =>
    sectionsOf(text)
      .filter(({ name }) => ini.test(name) === isTests)
      .map(({ whole }) => text.slice(whole.start, whole.end))
      .join('')
  return `${chosen(manifest, false).trimEnd()}\n\n${chosen(wanted, true)}`
}

function rewrittenToml(manifest: string, wanted: string): string {
  const own = readToml(manifest) ?? {}
  const table = isTable(own.tool) ? own.tool : {}
  const others = Object.entries(table).filter(([tool]) => !tools.includes(tool))
  const tests = tools.flatMap((tool) => {
    const value = tomlAt(readToml(wanted), 'tool', tool)
    return value === undefined ? [] : [[tool, value] as const]
  })
  return stringify({ ...own, tool: Object.fromEntries([...others, ...tests]) })
}
