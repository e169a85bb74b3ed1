import { posix } from 'node:path'
import { type ParseError, parse as parseJsonc } from 'jsonc-parser'
import { parse as parseYaml } from 'yaml'
import type { ProjectView } from './types.ts'

/** What a configuration says under some keys: the literal strings, in order. What is computed can't be read and is left out. */
export type Settings = ReadonlyMap<string, readonly string[]>

/** Path of a file beside the plan's package.json. */
export function inDirectory(project: ProjectView, name: string): string {
  return posix.join(project.directory, name)
}

/** The project's files of these names, in the order given. */
export function presentFiles(project: ProjectView, names: readonly string[]): readonly string[] {
  const paths = new Set(project.paths)
  return names.map((name) => inDirectory(project, name)).filter((path) => paths.has(path))
}

/** `name.js`, `name.mjs` … for each ending. */
export function withEndings(name: string, endings: readonly string[]): readonly string[] {
  return endings.map((ending) => `${name}.${ending}`)
}

function strings(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Every value of these keys at any depth, as jest's `projects` and vitest's `test` nest them. */
function collect(value: unknown, keys: ReadonlySet<string>, into: Map<string, string[]>): void {
  if (Array.isArray(value)) for (const item of value) collect(item, keys, into)
  if (!isRecord(value)) return
  for (const [key, inner] of Object.entries(value)) {
    if (keys.has(key)) into.set(key, [...(into.get(key) ?? []), ...strings(inner)])
    collect(inner, keys, into)
  }
}

function fromData(value: unknown, keys: readonly string[]): Settings {
  const found = new Map<string, string[]>()
  collect(value, new Set(keys), found)
  return found
}

/** Comments blanked out, strings kept, so that keys are not looked for in either. */
const tokens = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g

function withoutComments(source: string): string {
  return source.replace(tokens, (token) => (token.startsWith('/') ? ' ' : token))
}

const literal = /'((?:\\.|[^'\\\n])*)'|"((?:\\.|[^"\\\n])*)"|`((?:\\.|[^`\\$])*)`/g

function literalsOf(text: string): readonly string[] {
  return [...text.matchAll(literal)].map((match) => (match[1] ?? match[2] ?? match[3] ?? '').replace(/\\(.)/g, '$1'))
}

/** Literals that stand as the value of a key in a JavaScript or TypeScript configuration: a string, or an array's strings. */
function fromSource(source: string, keys: readonly string[]): Settings {
  const code = withoutComments(source)
  const found = new Map<string, readonly string[]>()
  for (const key of keys) {
    const value = new RegExp(
      `(?<![\\w.])['"]?${key}['"]?\\s*:\\s*(\\[[^\\]]*\\]|'[^'\\n]*'|"[^"\\n]*"|\`[^\`$]*\`)`,
      'g',
    )
    const literals = [...code.matchAll(value)].flatMap((match) => literalsOf(match[1] ?? ''))
    if (literals.length > 0) found.set(key, literals)
  }
  return found
}

function parseData(path: string, text: string): unknown {
  if (/\.ya?ml$/.test(path)) return parseYaml(text)
  const errors: ParseError[] = []
  const value: unknown = parseJsonc(text, errors, { allowTrailingComma: true })
  return errors.length === 0 ? value : parseYaml(text)
}

/** Reads these keys of one configuration file, whatever its format; a file that does not parse says nothing. */
export async function readSettings(project: ProjectView, path: string, keys: readonly string[]): Promise<Settings> {
  const text = await project.read(path)
  if (text === null) return new Map()
  if (/\.[cm]?[jt]s$/.test(path)) return fromSource(text, keys)
  try {
    return fromData(parseData(path, text), keys)
  } catch {
    // A broken configuration fails the framework itself, which says so better; for the split it says nothing.
    return new Map()
  }
}

/** Reads these keys of one field of package.json (`jest`, `mocha`, `ava`). */
export async function readManifestSettings(
  project: ProjectView,
  field: string,
  keys: readonly string[],
): Promise<Settings> {
  const value = await readManifestField(project, field)
  return value === null ? new Map() : fromData(value, keys)
}

async function readManifestField(
  project: ProjectView,
  field: string,
): Promise<Readonly<Record<string, unknown>> | null> {
  const text = await project.read(inDirectory(project, 'package.json'))
  if (text === null) return null
  const manifest: unknown = parseJsonc(text)
  const value = isRecord(manifest) ? manifest[field] : null
  return isRecord(value) ? value : null
}

/** All values of some keys, over several settings. */
export function valuesOf(settings: readonly Settings[], ...keys: readonly string[]): readonly string[] {
  return settings.flatMap((one) => keys.flatMap((key) => one.get(key) ?? []))
}

/** Globs relative to the plan's directory → relative to the root; negated ones and those that leave the tree are left out. */
export function globsFromRoot(project: ProjectView, globs: readonly string[]): readonly string[] {
  const moved = globs
    .filter((glob) => glob !== '' && !glob.startsWith('!'))
    .map((glob) => (glob.startsWith('**/') && project.directory === '.' ? glob : posix.join(project.directory, glob)))
  return [...new Set(moved)].filter((glob) => !glob.startsWith('../') && !glob.startsWith('/'))
}

/** Modules named in a configuration that are files of the repository (`./test/setup`), with the endings that a loader would try. */
export function localModules(project: ProjectView, names: readonly string[]): readonly string[] {
  const paths = new Set(project.paths)
  const endings = ['', '.js', '.cjs', '.mjs', '.ts', '.cts', '.mts', '.tsx', '.json', '/index.js', '/index.ts']
  return names.flatMap((name) => {
    const path = posix.join(project.directory, name.replace(/^<rootDir>\//, ''))
    const found = endings.map((ending) => path + ending).find((candidate) => paths.has(candidate))
    return found === undefined ? [] : [found]
  })
}
