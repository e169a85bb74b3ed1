import type { z } from 'zod'
import { nearNames } from '../near-names.ts'
import type { FieldProblem } from './problem.ts'
import { keysAt, schemaAt, wordsOf } from './schema-words.ts'

/** The part of a request that a schema checks, as Fastify names them. */
export type RequestPart = 'body' | 'querystring' | 'headers'

type Issue = z.core.$ZodIssue

interface Checked {
  readonly schema: z.ZodType
  readonly part: RequestPart
  readonly data: unknown
}

/** What is wrong with which field, and the mend, for everything that a schema found. */
export function fieldProblems(issues: readonly Issue[], checked: Checked): FieldProblem[] {
  return issues.slice(0, 100).flatMap((issue) => problemsOf(issue, checked))
}

function problemsOf(issue: Issue, checked: Checked): FieldProblem[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey([...issue.path, key], checked))
  const path = asGiven(issue.path, checked.data)
  const field = fieldName(path, checked.part)
  const given = valueAt(checked.data, issue.path)
  const said = given === undefined ? null : ownWords(issue)
  if (said !== null) return [{ field, problem: said.problem, mend: said.mend ?? mendOf(issue, checked, given) }]
  const inner = issue.code === 'invalid_union' ? nearestOption(issue.errors) : null
  if (inner !== null)
    return inner.flatMap((each) => problemsOf({ ...each, path: [...issue.path, ...each.path] }, checked))
  return [{ field, problem: problemWords(issue, given, checked.part), mend: mendOf(issue, checked, given) }]
}

/** Of a choice between forms the one that somebody most likely meant: of those that go into what was given the one with the fewest mistakes. */
function nearestOption(errors: readonly (readonly Issue[])[]): readonly Issue[] | null {
  const deep = errors.filter(
    (issues) => !issues.some((issue) => issue.path.length === 0 && issue.code === 'invalid_type'),
  )
  const [nearest, next] = deep.toSorted((a, b) => mistakesIn(a) - mistakesIn(b))
  if (nearest === undefined) return null
  return next === undefined || mistakesIn(nearest) < mistakesIn(next) ? nearest : null
}

function mistakesIn(issues: readonly Issue[]): number {
  return issues.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 1), 0)
}

/** What a schema's author wrote: `is no time; give e.g. 2024-05-01`, or a mend beside the message. */
function ownWords(issue: Issue): { problem: string; mend: string | null } | null {
  // What is near to it is told as the mend.
  if (issue.code === 'invalid_value') return null
  if (issue.code !== 'custom' && defaultMessage.test(issue.message)) return null
  const given = issue.code === 'custom' ? issue.params?.mend : undefined
  const [problem = '', ...rest] = issue.message.split('; ')
  const mend = typeof given === 'string' ? given : rest.join('; ')
  return { problem, mend: mend === '' ? null : mend }
}

const defaultMessage = /^(Invalid|Too |Unrecognized|Missing)/

function unknownKey(path: readonly PropertyKey[], { schema, part }: Checked): FieldProblem {
  const known = keysAt(schema, path.slice(0, -1))
  const near = nearNames(String(path.at(-1)).slice(0, 100), known)
  const all = known.length === 0 ? 'leave it out' : `known: ${known.join(', ')}`
  return {
    field: fieldName(path, part),
    problem: 'is not known',
    mend: near.length > 0 ? `did you mean ${near.join(' or ')}?` : all,
  }
}

function problemWords(issue: Issue, given: unknown, part: RequestPart): string {
  if (given === undefined) return 'is missing'
  if (part === 'querystring' && Array.isArray(given) && issue.code !== 'too_big') return 'is given more than once'
  switch (issue.code) {
    case 'too_small':
      return sizeWords(issue.origin, 'small', given)
    case 'too_big':
      return sizeWords(issue.origin, 'large', given)
    case 'invalid_value':
      return `${shown(given)} is not known`
    case 'invalid_type':
      return part === 'body' ? `is ${kindOf(given)}` : `${shown(given)} is wrong`
    default:
      return typeof given === 'object' ? 'is wrong' : `${shown(given)} is wrong`
  }
}

function sizeWords(origin: string, size: 'small' | 'large', given: unknown): string {
  if (origin === 'string') return given === '' ? 'is empty' : `is too ${size === 'small' ? 'short' : 'long'}`
  if (origin === 'array' || origin === 'set') return `has too ${size === 'small' ? 'few' : 'many'} items`
  return `${shown(given)} is too ${size}`
}

function mendOf(issue: Issue, { schema, part }: Checked, given: unknown): string {
  if (issue.code === 'invalid_value' && typeof given === 'string') {
    const near = nearNames(given.slice(0, 100), issue.values.map(String))
    if (near.length > 0) return `did you mean ${near.join(' or ')}? It is one of ${issue.values.map(String).join(', ')}`
  }
  if (part === 'querystring' && Array.isArray(given) && issue.code === 'invalid_type') return 'give it once'
  const wanted = schemaAt(schema, issue.path)
  const list = typeof issue.path.at(-1) === 'number' ? schemaAt(schema, issue.path.slice(0, -1)) : null
  const words = wanted === null ? '' : wordsOf(wanted, list)
  return words === '' ? 'see /docs' : `give ${words}`
}

/** A query string gives one item of a list without a list around it. */
function asGiven(path: readonly PropertyKey[], data: unknown): readonly PropertyKey[] {
  const list = path.slice(0, -1)
  return typeof path.at(-1) === 'number' && typeof valueAt(data, list) === 'string' ? list : path
}

/** `outcomes[3].task`; the part itself where the whole of it is wrong. */
function fieldName(path: readonly PropertyKey[], part: RequestPart): string {
  const name = path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key).slice(0, 200)}`))
    .join('')
    .replace(/^\./, '')
  if (name === '') return part === 'querystring' ? 'query' : part
  return part === 'headers' ? `header ${name}` : name
}

function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  const [key, ...rest] = path
  if (key === undefined) return data
  if (typeof data === 'string' && typeof key === 'number') return data.split(',')[key] ?? data
  if (typeof data !== 'object' || data === null) return undefined
  return valueAt(Reflect.get(data, key), rest)
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  const kinds: Readonly<Record<string, string>> = { object: 'an object', string: 'a text', boolean: 'true or false' }
  return kinds[typeof value] ?? 'a number'
}

/** What was given, short: whole patches are sent, too. */
function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))
  return text.length > 60 ? `${text.slice(0, 59)}…` : text
}
