import { joined } from './paths.ts'
import { splitShell } from './shell.ts'
import type { TaskCall, TaskPart } from './task-runner.ts'

interface Recipe {
  readonly parameters: readonly { readonly name: string; readonly fallback: string | null; readonly many: boolean }[]
  readonly needs: readonly (readonly string[])[]
  readonly body: readonly string[]
}

interface Justfile {
  readonly path: string
  readonly variables: Map<string, string>
  readonly exported: Set<string>
  readonly recipes: Map<string, Recipe>
  first: string | null
}

const mostParts = 200
const header =
  /^@?([A-Za-z_][\w-]*)((?:\s+[$+*]*[A-Za-z_][\w-]*(?:\s*=\s*(?:"[^"]*"|'[^']*'|[\w.-]+))?)*)\s*:(?!=)\s*(.*)$/

/** `just test all`: the recipe with what it needs first. */
export async function runJust(call: TaskCall): Promise<readonly TaskPart[] | null> {
  const file = await readJustfile(call)
  if (file === null) return null
  const words = call.words.slice(1).filter((word) => !word.startsWith('-'))
  const parts: TaskPart[] = []
  let rest = words.filter((word) => !isSetting(file, word))
  if (rest.length === 0 && file.first !== null) rest = [file.first]
  while (rest.length > 0 && parts.length < mostParts) {
    const [name = '', ...others] = rest
    const recipe = file.recipes.get(name)
    if (recipe === undefined) return parts.length === 0 ? null : parts
    const taken = recipe.parameters.some(({ many }) => many)
      ? others.length
      : Math.min(others.length, recipe.parameters.length)
    parts.push(...partsFor(call, file, name, others.slice(0, taken), new Set()))
    rest = others.slice(taken)
  }
  return parts
}

function isSetting(file: Justfile, word: string): boolean {
  const setting = /^([A-Za-z_]\w*)=(.*)$/s.exec(word)
  if (setting?.[1] !== undefined) file.variables.set(setting[1], setting[2] ?? '')
  return setting !== null
}

async function readJustfile(call: TaskCall): Promise<Justfile | null> {
  const names = ['justfile', 'Justfile', '.justfile', 'JUSTFILE'].map((name) => joined(call.directory, name))
  const path = names.find((name) => call.tree.has(name)) ?? (call.tree.has('justfile') ? 'justfile' : undefined)
  const text = path === undefined ? null : await call.tree.read(path)
  if (path === undefined || text === null) return null
  const file: Justfile = { path, variables: new Map(), exported: new Set(), recipes: new Map(), first: null }
  readInto(file, text)
  for (const found of text.matchAll(/^import\??\s+['"]([^'"]+)['"]/gm)) {
    const inner = await call.tree.read(joined(call.directory, found[1] ?? ''))
    if (inner !== null) readInto(file, inner)
  }
  return file
}

function readInto(file: Justfile, text: string): void {
  let body: string[] | null = null
  for (const line of text.split(/\r?\n/, 20_000)) {
    if (/^[ \t]/.test(line)) body?.push(line.trim())
    else if (line.trim() !== '' && !line.startsWith('#') && !line.startsWith('[')) body = readTop(file, line)
    else if (line.trim() === '') body?.push('')
  }
}

/** A line at the left margin; the body that follows, where it starts a recipe. */
function readTop(file: Justfile, line: string): string[] | null {
  const variable = /^(export\s+)?([A-Za-z_][\w-]*)\s*:=\s*(.*)$/.exec(line)
  const alias = /^alias\s+([\w-]+)\s*:=\s*([\w-]+)/.exec(line)
  if (alias !== null) {
    file.recipes.set(alias[1] ?? '', { parameters: [], needs: [[alias[2] ?? '']], body: [] })
    return null
  }
  if (variable !== null) {
    const value = valueOfExpression(file, variable[3] ?? '')
    if (value !== null) file.variables.set(variable[2] ?? '', value)
    if (variable[1] !== undefined) file.exported.add(variable[2] ?? '')
    return null
  }
  const found = header.exec(line.slice(0, 2000))
  if (found === null) return null
  const [, name = '', parameters = '', needs = ''] = found
  const body: string[] = []
  file.recipes.set(name, { parameters: parametersOf(parameters), needs: needsOf(needs), body })
  file.first ??= name
  return body
}

function parametersOf(text: string): Recipe['parameters'] {
  return [...text.matchAll(/([$+*]*)([A-Za-z_][\w-]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([\w.-]+)))?/g)].map((found) => ({
    name: found[2] ?? '',
    fallback: found[3] ?? found[4] ?? found[5] ?? null,
    many: /[+*]/.test(found[1] ?? ''),
  }))
}

/** `build (test "a" "b") && after`: names with their arguments. */
function needsOf(text: string): readonly (readonly string[])[] {
  const plain = text.replace(/#.*$/, '').replaceAll('&&', ' ')
  return [...plain.matchAll(/\(([^()]*)\)|([A-Za-z_][\w-]*)/g)].map((found) =>
    found[2] === undefined
      ? [...(found[1] ?? '').matchAll(/"([^"]*)"|'([^']*)'|([^\s"']+)/g)].map(
          (word) => word[1] ?? word[2] ?? word[3] ?? '',
        )
      : [found[2]],
  )
}

/** A text, a name, texts put together; null: it asks the machine something. */
function valueOfExpression(file: Justfile, expression: string): string | null {
  const parts = expression
    .trim()
    .split(/\s*\+\s*/)
    .map((part) => {
      const text = /^"([^"]*)"$|^'([^']*)'$/.exec(part)
      if (text !== null) return text[1] ?? text[2] ?? ''
      const fallback = /^env(?:_var_or_default)?\(\s*["'][^"']*["']\s*,\s*["']([^"']*)["']\s*\)$/.exec(part)?.[1]
      return fallback ?? file.variables.get(part) ?? null
    })
  return parts.includes(null) ? null : parts.join('')
}

function partsFor(
  call: TaskCall,
  file: Justfile,
  name: string,
  given: readonly string[],
  made: Set<string>,
): readonly TaskPart[] {
  const recipe = file.recipes.get(name)
  const id = [name, ...given].join(' ')
  if (recipe === undefined || made.has(id) || made.size > mostParts) return []
  made.add(id)
  const own = new Map(file.variables)
  for (const [index, { name: parameter, fallback, many }] of recipe.parameters.entries()) {
    const value = many ? given.slice(index).join(' ') : given[index]
    own.set(parameter, (value === '' ? undefined : value) ?? fallback ?? '')
  }
  const fill = (text: string): string =>
    text
      .replaceAll(/\{\{\{\{/g, '{{')
      .replaceAll(/\{\{\s*(.*?)\s*\}\}/g, (whole, inner: string) => own.get(inner) ?? `$(${whole.slice(2, -2).trim()})`)
  const isScript = recipe.body[0]?.startsWith('#!') === true
  if (isScript && !/\b(?:ba|z|da)?sh\b/.test(recipe.body[0] ?? '')) return []
  const lines = isScript ? [recipe.body.join('\n')] : recipe.body.join('\n').replaceAll(/\\\n/g, ' ').split('\n')
  const variables = Object.fromEntries(
    [...file.exported].flatMap((each) => (own.has(each) ? [[each, own.get(each) ?? ''] as const] : [])),
  )
  return [
    ...recipe.needs.flatMap(([need = '', ...words]) =>
      partsFor(
        call,
        file,
        need,
        words.map((word) => own.get(word) ?? word),
        made,
      ),
    ),
    ...lines.map((line) => ({
      label: `${file.path} ${name}`,
      commands: splitShell(fill(line.replace(/^[@-]+/, ''))),
      directory: call.directory,
      variables,
      positional: given,
    })),
  ]
}
