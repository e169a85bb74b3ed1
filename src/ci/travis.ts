import type { TreeReader } from '../model/index.ts'
import { setupFor } from './image-versions.ts'
import { nearestFirst } from './nearest.ts'
import { splitShell } from './shell.ts'
import type { CiJob } from './types.ts'
import { type Fields, isRecord, recordIn, safeYaml, scalar, texts } from './values.ts'

/** What Travis calls a language's versions. */
const keys: Readonly<Record<string, string>> = {
  python: 'python',
  node_js: 'node_js',
  go: 'go',
  rust: 'rust',
  java: 'jdk',
  ruby: 'rvm',
}

/** What Travis does where a file states no script (its documentation, page by language). */
const scripts: Readonly<Record<string, string>> = {
  go: 'go test -v ./...',
  rust: 'cargo build --verbose && cargo test --verbose',
  ruby: 'rake',
}

/** One combination of a Travis matrix. */
interface Row {
  readonly version: string | null
  readonly env: string | null
  readonly script: readonly string[] | null
  readonly special: boolean
}

/** The jobs of `.travis.yml`: one for the matrix, filled from its nearest row, and one for each row with a script of its own. */
export async function readTravis(tree: TreeReader): Promise<readonly CiJob[]> {
  const content = await tree.read('.travis.yml')
  const file = content === null ? undefined : safeYaml(content)
  if (!isRecord(file)) return []
  const language = languageOf(file)
  const rows = rowsOf(file, language)
  const job = (from: string, list: readonly Row[]): CiJob => jobOf(file, language, from, list)
  const own = rows.filter((row) => row.script !== null)
  return [
    job(
      '.travis.yml',
      rows.filter((row) => row.script === null),
    ),
    ...own.map((row, index) => job(`.travis.yml job ${index + 1}`, [row])),
  ]
}

function languageOf(file: Fields): string {
  const stated = scalar(file.language)
  if (stated !== null) return stated
  return Object.keys(keys).find((name) => file[keys[name] ?? ''] !== undefined) ?? 'ruby'
}

function rowsOf(file: Fields, language: string): readonly Row[] {
  const key = keys[language] ?? ''
  const env = isRecord(file.env) ? [...texts(file.env.matrix), ...texts(file.env.jobs)] : texts(file.env)
  const plain = orNull(texts(file[key])).flatMap((version) =>
    orNull(env).map((each): Row => ({ version, env: each, script: null, special: false })),
  )
  const matrix = { ...recordIn(file, 'matrix'), ...recordIn(file, 'jobs') }
  const allowed = (Array.isArray(matrix.allow_failures) ? matrix.allow_failures : []).filter(isRecord)
  const included = (Array.isArray(matrix.include) ? matrix.include : []).filter(isRecord).filter(isOnLinux)
  return [
    ...plain,
    ...included.map(
      (entry): Row => ({
        version: scalar(entry[key]),
        env: scalar(entry.env) ?? texts(entry.env)[0] ?? null,
        script: entry.script === undefined ? null : texts(entry.script),
        special: allowed.some((each) => Object.keys(each).every((name) => scalar(each[name]) === scalar(entry[name]))),
      }),
    ),
  ]
}

function orNull(list: readonly string[]): readonly (string | null)[] {
  return list.length === 0 ? [null] : list
}

function isOnLinux(entry: Fields): boolean {
  return !/osx|windows|freebsd/.test(scalar(entry.os) ?? '')
}

function jobOf(file: Fields, language: string, from: string, rows: readonly Row[]): CiJob {
  const [first] = nearestFirst(rows, ({ version, env, special }) => ({ version, env, experimental: special }))
  const given = [...new Set(rows.flatMap((row) => row.version ?? []))]
  const own = first?.script ?? (file.script === undefined ? texts(scripts[language]) : texts(file.script))
  const lines = [...['before_install', 'install', 'before_script'].flatMap((key) => texts(file[key])), ...own]
  const variables = { ...globals(file), ...assignments(first?.env ?? '') }
  return {
    from,
    linux: texts(file.os).length === 0 || texts(file.os).includes('linux'),
    everyPush: true,
    container: null,
    services: texts(file.services).filter((service) => service !== 'xvfb'),
    setups: setupFor(language, given),
    runs: lines.map((text) => ({ text, directory: '.', variables })),
  }
}

function globals(file: Fields): Record<string, string> {
  const list = isRecord(file.env) ? texts(file.env.global) : []
  return Object.assign({}, ...list.map(assignments))
}

/** `A=1 B="2 3"` as variables. */
function assignments(text: string): Readonly<Record<string, string>> {
  return splitShell(text)[0]?.assignments ?? {}
}
