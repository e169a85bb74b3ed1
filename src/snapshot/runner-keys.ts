import { applyEdits, modify } from 'jsonc-parser'

/**
 * The keys of package.json that configure a test runner belong to the tests; everything else in it (dependencies, exports,
 * build scripts) belongs to the source. Only package.json is known yet; other manifests have no such keys here.
 */
const runnerSections = new Set([
  'jest',
  'mocha',
  'ava',
  'nyc',
  'c8',
  'tap',
  'vitest',
  'karma',
  'jasmine',
  'tape',
  'playwright',
  'web-test-runner',
  'wallaby',
  'lab',
])
const testScript = /^(?:pre|post)?(?:test|tests|unit|mocha|jest|vitest|ava|tap|tape|spec|coverage|cover)(?:$|[:._-])/
/** Scripts that make what is tested are source even where the test script calls them. */
const buildScript = /build|compile|bundle|prepare|prepack|generate|codegen|tsc|dist/i
const scriptCall =
  /(?:npm(?:\s+run(?:-script)?)?|pnpm(?:\s+run)?|yarn(?:\s+run)?|bun\s+run|npm-run-all|run-s|run-p|wireit)((?:\s+[^\s&|;<>]+)+)/g

type Json = Readonly<Record<string, unknown>>
type KeyPath = readonly string[]

export function hasRunnerKeys(path: string): boolean {
  return path === 'package.json' || path.endsWith('/package.json')
}

/** True for the text of a JSON object. */
export function isManifest(text: string | null): boolean {
  return text !== null && parseObject(text) !== null
}

/**
 * `manifest` with the test runner's keys as they are in the last of `states`. A key whose value is that of one of the
 * `states` is left alone: where the split had to leave such a key with the fix, both its values are honest. Returns
 * `manifest` itself where nothing is to be done, or where one of the texts is no JSON object.
 */
export function withRunnerKeys(manifest: string, ...states: readonly string[]): string {
  const own = parseObject(manifest)
  const known = states.map(parseObject)
  const wanted = known.at(-1)
  if (own === null || wanted === null || wanted === undefined) return manifest
  const paths = [own, ...known].flatMap((state) => (state === null ? [] : runnerKeys(state)))
  const values = uniquePaths(paths)
    .filter((path) => !known.some((state) => state !== null && same(valueAt(own, path), valueAt(state, path))))
    .map((path) => ({ path, value: valueAt(wanted, path) }))
  return values.length === 0 ? manifest : setKeys(manifest, own, values)
}

type Wish = { readonly path: KeyPath; readonly value: unknown }

/** Edits in place, so that the rest of the file keeps its every byte; where that is not to be had, writes it anew. */
function setKeys(manifest: string, own: Json, wishes: readonly Wish[]): string {
  if (
    wishes.some(
      ({ path: [section = ''], value }) => value !== undefined && own[section] !== undefined && !isObject(own[section]),
    )
  ) {
    return rewritten(own, wishes)
  }
  const eol = manifest.includes('\r\n') ? '\r\n' : '\n'
  const formattingOptions = { tabSize: 2, insertSpaces: !/\n\t/.test(manifest), eol }
  let text = manifest
  for (const { path, value } of wishes) text = applyEdits(text, modify(text, [...path], value, { formattingOptions }))
  // A key written twice defeats editing in place: readers take the last, editors the first.
  const reread = parseObject(text)
  const holds = reread !== null && wishes.every(({ path, value }) => same(valueAt(reread, path), value))
  return holds ? text : rewritten(own, wishes)
}

function rewritten(own: Json, wishes: readonly Wish[]): string {
  const result: Record<string, unknown> = { ...own }
  for (const { path, value } of wishes) {
    const [section = '', key] = path
    result[section] = key === undefined ? value : { ...objectAt(result, section), [key]: value }
  }
  return `${JSON.stringify(result, null, 2)}\n`
}

/** Paths of the runner's keys: sections, test scripts, and the scripts that those call, with their pre and post. */
export function runnerKeys(manifest: Json): KeyPath[] {
  const scripts = objectAt(manifest, 'scripts')
  const names = new Set(Object.keys(scripts).filter((name) => testScript.test(name) && !buildScript.test(name)))
  for (const name of names) {
    for (const called of calledScripts(scripts[name])) {
      for (const each of [called, `pre${called}`, `post${called}`])
        if (each in scripts && !buildScript.test(each)) names.add(each)
    }
  }
  const sections = Object.keys(manifest).filter((key) => runnerSections.has(key))
  return [...sections.map((key) => [key]), ...[...names].map((name) => ['scripts', name])]
}

function calledScripts(script: unknown): string[] {
  if (typeof script !== 'string') return []
  return [...script.matchAll(scriptCall)].flatMap((match) =>
    (match[1] ?? '')
      .trim()
      .split(/\s+/)
      .map((word) => word.replace(/^["']|["']$/g, '')),
  )
}

function parseObject(text: string): Json | null {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''))
    return isObject(value) ? value : null
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function objectAt(value: Json, key: string): Json {
  const found = value[key]
  return isObject(found) ? found : {}
}

function valueAt(value: Json, path: KeyPath): unknown {
  let found: unknown = value
  for (const key of path) found = isObject(found) && Object.hasOwn(found, key) ? found[key] : undefined
  return found
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

function uniquePaths(paths: readonly KeyPath[]): KeyPath[] {
  return [...new Map(paths.map((path) => [JSON.stringify(path), path])).values()]
}
