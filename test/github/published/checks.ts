import { Ajv, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import type { Json, JsonObject } from '../json.ts'
import type { Description } from './description.ts'
import { idOf } from './json-schema.ts'

/** Holds what is said over HTTP to what GitHub publishes. Each check gives the breaches, one line each. */
export interface PublishedChecks {
  /** GitHub passes over a parameter that it does not know, and refuses a wrong body. */
  request(operation: string, query: URLSearchParams, body: Json | undefined): { query: string[]; body: string[] }
  answer(operation: string, status: number, body: Json | undefined): string[]
  /** A request that no route of ours takes. */
  unplayed(method: string, path: string): string
  webhook(event: string, payload: JsonObject): string[]
}

/** Compiles a validator when an operation is first used: some milliseconds up to a tenth of a second each. */
export function makeChecks(description: Description): PublishedChecks {
  const ajv = new Ajv({ strict: false, allErrors: true, inlineRefs: false, messages: true })
  addFormats.default(ajv)
  for (const [name, schema] of description.schemas) ajv.addSchema(schema, idOf(name))
  const compiled = new Map<JsonObject, ValidateFunction>()
  const breaches = (schema: JsonObject, value: Json | undefined): string[] => {
    const validate = compiled.get(schema) ?? ajv.compile(schema)
    compiled.set(schema, validate)
    return validate(value) ? [] : errorsOf(validate)
  }
  const operationNamed = (name: string) => {
    const operation = description.operations.get(name)
    if (operation === undefined) throw new Error(`GitHub publishes no operation ${name}`)
    return operation
  }
  return {
    request(name, query, body) {
      const { queryParameters, request } = operationNamed(name)
      const unknown = [...query.keys()].filter((key) => !queryParameters.includes(key))
      const wrong = request === null || body === undefined ? [] : breaches(request, body)
      return {
        query: unknown.map((key) => `request ${name}: GitHub knows no parameter ${key}`),
        body: wrong.map((text) => `request ${name}: ${text}`),
      }
    },
    answer(name, status, body) {
      const { answers } = operationNamed(name)
      const schema = answers.get(status)
      if (schema === undefined && status < 300) return [`answer ${name}: GitHub never answers ${status}`]
      if (schema === undefined || schema === null) return []
      return breaches(schema, body ?? null).map((text) => `answer ${name} (${status}): ${text}`)
    },
    unplayed(method, path) {
      const known = [...description.known].some((name) => sameShape(name, `${method} ${path}`))
      return known
        ? `${method} ${path}: GitHub has it, this server not`
        : `${method} ${path}: GitHub has no such operation`
    },
    webhook(event, payload) {
      const action = typeof payload.action === 'string' ? `-${payload.action}` : ''
      const name = `${event}${action}`.replaceAll('_', '-')
      if (!description.knownWebhooks.has(name)) return [`webhook ${name}: GitHub sends no such event`]
      const schema = description.webhooks.get(name)
      return schema === undefined ? [] : breaches(schema, payload).map((text) => `webhook ${name}: ${text}`)
    },
  }
}

/** At most five: one wrong field in a choice of schemas makes dozens. */
function errorsOf(validate: ValidateFunction): string[] {
  const texts = (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath || 'it'} ${message ?? ''}`)
  return [...new Set(texts)].slice(0, 5)
}

/** Whether `GET /repos/{owner}/{repo}` has the shape of `GET /repos/acme/shop`. */
function sameShape(name: string, request: string): boolean {
  const parts = name.split('/')
  const asked = request.split('/')
  return parts.length === asked.length && parts.every((part, at) => part.startsWith('{') || part === asked[at])
}
