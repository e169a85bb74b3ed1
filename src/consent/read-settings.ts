import picomatch from 'picomatch'
import { isMap, isNode, isScalar, type Node } from 'yaml'
import { type ReadSettings, repositorySettingsSchema, type SettingsProblem } from '../model/index.ts'
import { type Mistake, mistakesOf } from './mistakes.ts'
import { placeOf, readYaml, type SettingsDocument } from './yaml-document.ts'

/**
 * Reads the text of a `.github/quarry.yml`: its settings, or every mistake with its place, in the order of the file. An empty file has
 * no settings, which is none. Throws nothing, whatever the text is.
 */
export function readSettings(text: string): ReadSettings {
  const yaml = readYaml(text)
  if ('problems' in yaml) return yaml
  const { contents } = yaml.document
  if (contents === null || (isScalar(contents) && contents.value === null)) return { settings: {} }
  if (!isMap(contents)) return { problems: [problemAt(yaml, noMapping)] }
  const odd = contents.items.find(({ key }) => !isScalar(key))
  if (odd !== undefined) return { problems: [{ ...problemAt(yaml, oddKey), ...spanOf(yaml, odd.key) }] }
  const value: unknown = yaml.document.toJS({ maxAliasCount: 0 })
  const read = repositorySettingsSchema.safeParse(value)
  const mistakes = read.success ? brokenGlobs(read.data.paths ?? {}) : mistakesOf(read.error.issues, value)
  if (read.success && mistakes.length === 0) return { settings: read.data }
  return { problems: mistakes.map((mistake) => problemAt(yaml, mistake)).sort(inOrder) }
}

const noMapping: Mistake = {
  path: [],
  key: null,
  message: 'The file must hold settings by their names.',
  mend: 'For example: enabled: true',
}
const oddKey: Mistake = { ...noMapping, message: 'A list or a mapping can not be the name of a setting.' }

function inOrder(a: SettingsProblem, b: SettingsProblem): number {
  return a.line - b.line || a.column - b.column
}

function problemAt(yaml: SettingsDocument, { path, key, message, mend }: Mistake): SettingsProblem {
  const full = key === null ? path : [...path, key]
  return {
    ...spanOf(yaml, key === null ? valueAt(yaml, path) : keyAt(yaml, path, key)),
    path: told(full),
    message,
    mend: mendFor(yaml, path, mend),
  }
}

/** A bare number or date where a text is due: what the author typed, in quotes. */
function mendFor(yaml: SettingsDocument, path: readonly PropertyKey[], mend: Mistake['mend']): string {
  if (typeof mend === 'string') return mend
  const node = yaml.document.getIn(path, true)
  const typed = isScalar(node) && typeof node.source === 'string' ? node.source : mend.value
  return `Put it in quotes: ${JSON.stringify(typed)}`
}

function told(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`
    return text === '' ? String(key) : `${text}.${String(key)}`
  }, '')
}

function spanOf({ text }: SettingsDocument, node: unknown): Pick<SettingsProblem, 'line' | 'column' | 'endLine'> {
  const [start, end] = (isNode(node) ? node.range : null) ?? [0, 0]
  return placeOf(text, start, end)
}

/** The node of a value; where nothing stands there, the key's. */
function valueAt(yaml: SettingsDocument, path: readonly PropertyKey[]): Node | null {
  const node = yaml.document.getIn(path, true)
  const isEmpty = isScalar(node) && node.value === null && (node.source ?? '') === ''
  if (isNode(node) && !isEmpty) return node
  const key = path.at(-1)
  return typeof key === 'string' ? keyAt(yaml, path.slice(0, -1), key) : isNode(node) ? node : null
}

function keyAt(yaml: SettingsDocument, path: readonly PropertyKey[], key: string): Node | null {
  const map = path.length === 0 ? yaml.document.contents : yaml.document.getIn(path, true)
  const found = isMap(map) ? map.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === key) : undefined
  return isNode(found?.key) ? found.key : null
}

function brokenGlobs(paths: {
  readonly test?: readonly string[] | undefined
  readonly ignore?: readonly string[] | undefined
}): Mistake[] {
  return (['test', 'ignore'] as const).flatMap((key) =>
    (paths[key] ?? []).flatMap((glob, at) => (compiles(glob) ? [] : [brokenGlob(['paths', key, at], glob)])),
  )
}

function brokenGlob(path: readonly PropertyKey[], glob: string): Mistake {
  return {
    path,
    key: null,
    message: `${JSON.stringify(glob)} is no pattern of paths.`,
    mend: 'Close what it opens: [ or {.',
  }
}

function compiles(glob: string): boolean {
  const opened = glob.split('{').length === glob.split('}').length
  try {
    picomatch.makeRe(glob, { dot: true, strictBrackets: true })
    return opened
  } catch {
    return false
  }
}
