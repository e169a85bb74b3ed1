import { z } from 'zod'

/** JSON Schema, as far as it tells people what to give. */
const jsonSchema = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  format: z.string().optional(),
  pattern: z.string().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  minItems: z.number().optional(),
  maxItems: z.number().optional(),
  examples: z.array(z.unknown()).optional(),
  example: z.unknown().optional(),
  get items() {
    return jsonSchema.optional()
  },
  get anyOf() {
    return z.array(jsonSchema).optional()
  },
  get oneOf() {
    return z.array(jsonSchema).optional()
  },
  get properties() {
    return z.record(z.string(), z.unknown()).optional()
  },
})

type JsonSchema = z.infer<typeof jsonSchema>

/** What a schema takes, in words: `a whole number from 1 to 1000`. An item of a list may be told by the list's example. */
export function wordsOf(schema: z.ZodType, list: z.ZodType | null = null): string {
  const own = jsonOf(schema)
  const example = exampleOf(own) ?? (list === null ? undefined : exampleOf(jsonOf(list)))
  return words(example === undefined ? own : { ...own, example })
}

/** One that has a name of its own is told by pointing at it. */
function jsonOf(schema: z.ZodType): JsonSchema {
  const { $ref, $defs, ...own } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  const named = $ref === undefined ? undefined : $defs?.[$ref.replace('#/$defs/', '')]
  return jsonSchema.parse({ ...named, ...own })
}

function exampleOf({ example, examples }: JsonSchema): unknown {
  return [example ?? examples?.[0]].flat()[0]
}

/** The part of a schema that a path leads to; null where it leads nowhere. */
export function schemaAt(schema: z.ZodType, path: readonly PropertyKey[]): z.ZodType | null {
  const [key, ...rest] = path
  if (key === undefined) return schema
  const inner = unwrapped(schema)
  if (inner instanceof z.ZodUnion) {
    const found = inner.options.map((option) => schemaAt(asType(option), path))
    return found.find((each) => each !== null) ?? null
  }
  if (inner instanceof z.ZodObject) {
    const part: unknown = typeof key === 'string' && Object.hasOwn(inner.shape, key) ? inner.shape[key] : undefined
    return part instanceof z.ZodType ? schemaAt(part, rest) : null
  }
  if (inner instanceof z.ZodArray) return schemaAt(asType(inner.element), rest)
  if (inner instanceof z.ZodRecord) return schemaAt(asType(inner.valueType), rest)
  return null
}

/** The keys that an object there may have; none where it is no object. */
export function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  const at = schemaAt(schema, path)
  const found = at === null ? null : unwrapped(at)
  const options = found instanceof z.ZodUnion ? found.options.map((option) => unwrapped(asType(option))) : [found]
  return options.flatMap((option) => (option instanceof z.ZodObject ? Object.keys(option.shape) : []))
}

/** What is inside of `optional`, `nullable`, defaults and transformations. */
function unwrapped(schema: z.ZodType): z.ZodType {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodReadonly
  )
    return unwrapped(asType(schema.unwrap()))
  // `preprocess` has the transformation before what it takes, others after.
  if (schema instanceof z.ZodPipe) {
    const first = asType(schema.in)
    return unwrapped(first instanceof z.ZodTransform ? asType(schema.out) : first)
  }
  return schema
}

function asType(schema: unknown): z.ZodType {
  if (schema instanceof z.ZodType) return schema
  throw new Error('a part of a schema is none of zod')
}

function words(schema: JsonSchema): string {
  const example = exampleOf(schema)
  const [said, tells] = plainWords(schema, example !== undefined)
  if (example === undefined || tells) return said
  return said === '' ? `e.g. ${textOf(example)}` : `${said}, e.g. ${textOf(example)}`
}

/** What it takes, and whether that says it all. */
function plainWords(schema: JsonSchema, hasExample: boolean): readonly [string, boolean] {
  const values = schema.const === undefined ? schema.enum : [schema.const]
  if (values !== undefined) return [values.length === 1 ? textOf(values[0]) : `one of ${listed(values)}`, true]
  const options = schema.anyOf ?? schema.oneOf
  if (options !== undefined) {
    const known = options.map((option) => plainWords(option, hasExample)[0]).filter((each) => each !== '')
    return [[...new Set(known)].join(' or '), false]
  }
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type
  if (type === 'string') return [stringWords(schema, hasExample), false]
  if (type === 'integer' || type === 'number') return [numberWords(schema, type), false]
  if (type === 'boolean') return ['true or false', true]
  if (type === 'null') return ['null', true]
  if (type === 'array') return [`a list${rangeWords(schema.minItems, schema.maxItems, 'items')}`, false]
  if (type === 'object') return [objectWords(schema), true]
  return ['', false]
}

const formats: Readonly<Record<string, string>> = {
  'date-time': 'a time such as 2024-05-01T10:00:00Z',
  date: 'a day such as 2024-05-01',
  uuid: 'an id such as 0190a5c2-7d3e-7cc3-98c4-dc0c0c07398f',
  base64: 'base64',
  uri: 'an address',
}

function stringWords({ format, pattern, minLength, maxLength }: JsonSchema, hasExample: boolean): string {
  const known = format === undefined ? undefined : formats[format]
  if (known !== undefined) return known
  // A pattern is for programs: an example tells people more.
  if (pattern !== undefined) return hasExample ? '' : `a text that matches ${pattern}`
  return `a text${rangeWords(minLength, maxLength, 'characters')}`
}

function numberWords({ minimum, maximum }: JsonSchema, type: 'integer' | 'number'): string {
  // The bounds that every whole number has are no news.
  const low = minimum === Number.MIN_SAFE_INTEGER ? undefined : minimum
  const high = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum
  return `${type === 'integer' ? 'a whole number' : 'a number'}${rangeWords(low, high, '')}`
}

function rangeWords(low: number | undefined, high: number | undefined, unit: string): string {
  const of = unit === '' ? '' : ` ${unit}`
  const from = unit === '' ? ' from' : ' of'
  if (low !== undefined && high !== undefined)
    return low === high ? `${from} ${low}${of}` : `${from} ${low} to ${high}${of}`
  if (low !== undefined) return unit === '' ? ` from ${low} on` : ` of ${low}${of} or more`
  return high === undefined ? '' : unit === '' ? ` up to ${high}` : ` of up to ${high}${of}`
}

function objectWords({ properties }: JsonSchema): string {
  const keys = Object.keys(properties ?? {})
  return keys.length === 0
    ? 'an object'
    : `an object with ${keys.slice(0, 12).join(', ')}${keys.length > 12 ? ' …' : ''}`
}

function listed(values: readonly unknown[]): string {
  const shown = values.slice(0, 30).map(textOf)
  return values.length > shown.length ? `${shown.join(', ')} …` : shown.join(', ')
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
