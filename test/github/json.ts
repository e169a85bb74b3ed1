/** What JSON can say. `JSON.parse` is read into this, so that everything further on has to look before it takes. */
export type Json = null | boolean | number | string | Json[] | JsonObject

export interface JsonObject {
  [key: string]: Json
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The object at these keys, one below the other. Throws where a key leads elsewhere: a published file has changed. */
export function objectAt(value: Json | undefined, ...keys: readonly string[]): JsonObject {
  let at = value
  for (const key of keys) at = isObject(at) ? at[key] : undefined
  if (!isObject(at)) throw new Error(`no object at ${keys.join(' > ') || 'the top'}`)
  return at
}

export function arrayOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : []
}

export function textOf(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null
}

export function numberOf(value: Json | undefined): number | null {
  return typeof value === 'number' ? value : null
}

export function parseJson(text: string): Json {
  const value: Json = JSON.parse(text)
  return value
}

/** The JSON of a request's body; `undefined` where it is none. */
export function tryJson(text: string): Json | undefined {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}
