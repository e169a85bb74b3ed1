import { isObject, type Json, type JsonObject, objectAt } from '../json.ts'

/** Said about a schema and not part of what it asks for. Kept out, they'd be two thirds of it. */
const remarks = new Set(['description', 'title', 'example', 'externalDocs', 'nullable', 'x-github-breaking-changes'])

/**
 * A schema of OpenAPI 3.0 as JSON Schema: `nullable` becomes a choice with `null`, and `#/components/schemas/x` becomes
 * `published:x`, the id under which the validator knows it.
 */
export function jsonSchema(schema: JsonObject): JsonObject {
  const converted: JsonObject = {}
  for (const [key, value] of Object.entries(schema)) {
    if (remarks.has(key)) continue
    if (key === 'properties') converted[key] = properties(objectAt(value))
    else if (key === '$ref') converted[key] = idOf(nameIn(value))
    else if (key === 'enum' || key === 'default') converted[key] = value
    else converted[key] = within(value)
  }
  return schema.nullable === true ? { anyOf: [converted, { type: 'null' }] } : converted
}

export function idOf(name: string): string {
  return `published:${name}`
}

/** The schemas that these refer to, directly or through others, by name. */
export function referredSchemas(
  roots: readonly (JsonObject | null)[],
  published: JsonObject,
): ReadonlyMap<string, JsonObject> {
  const found = new Map<string, JsonObject>()
  const waiting: Json[] = roots.filter((root) => root !== null)
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const name of referredIn(next)) {
      if (found.has(name)) continue
      const schema = jsonSchema(objectAt(published, name))
      found.set(name, schema)
      waiting.push(schema)
    }
  }
  return found
}

/** Property names are the API's own: one is called `description`, another `title`. */
function properties(schemas: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, within(schema)]))
}

function within(value: Json): Json {
  if (Array.isArray(value)) return value.map(within)
  return isObject(value) ? jsonSchema(value) : value
}

function nameIn(reference: Json): string {
  return String(reference).split('/').at(-1) ?? ''
}

function referredIn(value: Json): string[] {
  if (Array.isArray(value)) return value.flatMap(referredIn)
  if (!isObject(value)) return []
  const own = typeof value.$ref === 'string' ? [value.$ref.slice(idOf('').length)] : []
  return [...own, ...Object.values(value).flatMap(referredIn)]
}
