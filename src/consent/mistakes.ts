import type { z } from 'zod'
import { nearest } from '../model/nearest.ts'
import { knownAt } from './json-schema.ts'

/** One mistake by its place in the settings, before its line is known. */
export interface Mistake {
  readonly path: readonly PropertyKey[]
  /** The key that is the mistake, in the mapping at `path`; null where the value at `path` is. */
  readonly key: string | null
  readonly message: string
  /** What to do; a value that only lacks quotes is told by itself. */
  readonly mend: string | { readonly value: string }
}

type Issue = z.core.$ZodIssue

/** zod's issues in the words of the file's author. `value` is what was read. */
export function mistakesOf(issues: readonly Issue[], value: unknown): Mistake[] {
  return issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(issue.path, key))
    if (issue.code === 'invalid_union') return mistakesOf(likeliest(issue, value), value)
    return [wrongValue(issue, valueAt(value, issue.path))]
  })
}

function unknownKey(path: readonly PropertyKey[], key: string): Mistake {
  const { keys } = knownAt(path)
  const near = nearest(key, keys)
  const where = path.length === 0 ? '' : ` in ${path.map(String).join('.')}`
  const mend = near === null ? `Known${where}: ${keys.join(', ')}.` : `Did you mean "${near}"?`
  return { path, key, message: `There is no setting ${JSON.stringify(key.slice(0, 100))}${where}.`, mend }
}

/** The branch of a union that the value came nearest to: a list is judged as a list. */
function likeliest(issue: Extract<Issue, { code: 'invalid_union' }>, value: unknown): readonly Issue[] {
  const isList = Array.isArray(valueAt(value, issue.path))
  const branch = isList ? issue.errors.at(-1) : issue.errors[0]
  return (branch ?? []).map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }))
}

function wrongValue(issue: Issue, value: unknown): Mistake {
  const isBareText = issue.code === 'invalid_type' && issue.expected === 'string' && typeof value === 'number'
  return {
    path: issue.path,
    key: null,
    message: `It ${demand(issue)}${value === undefined ? '' : `, but is ${shown(value)}`}.`,
    mend: isBareText ? { value: String(value) } : exampleAt(issue.path),
  }
}

const kinds: Readonly<Record<string, string>> = {
  string: 'a text',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping of names to values',
  int: 'a whole number',
  number: 'a whole number',
}

function demand(issue: Issue): string {
  if (issue.code === 'invalid_type') return `must be ${kinds[issue.expected] ?? issue.expected}`
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.map(String).join(', ')}`
  return issue.message
}

function shown(value: unknown): string {
  if (value === null) return 'empty'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (typeof value === 'object') return 'a mapping'
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 100 ? `${text.slice(0, 100)}…` : text
}

function exampleAt(path: readonly PropertyKey[]): string {
  const { keys, example } = knownAt(path)
  const name = path.findLast((key) => typeof key === 'string')
  if (example === undefined) return keys.length === 0 ? 'Take it out.' : `Known here: ${keys.join(', ')}.`
  return `For example: ${String(name)}: ${JSON.stringify(example)}`
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (held, key) =>
      typeof held === 'object' && held !== null && Object.hasOwn(held, key) ? Reflect.get(held, key) : undefined,
    value,
  )
}
