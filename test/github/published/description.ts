import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { arrayOf, isObject, type Json, type JsonObject, objectAt, parseJson, textOf } from '../json.ts'
import { jsonSchema, referredSchemas } from './json-schema.ts'

/** What GitHub publishes of one operation, as JSON Schema. */
export interface Operation {
  readonly queryParameters: readonly string[]
  readonly request: JsonObject | null
  /** By status. `null`: GitHub answers that status without JSON. */
  readonly answers: ReadonlyMap<number, JsonObject | null>
}

/** The part of GitHub's OpenAPI description that we play. */
export interface Description {
  /** Every operation that GitHub has, as `GET /repos/{owner}/{repo}`. */
  readonly known: ReadonlySet<string>
  readonly operations: ReadonlyMap<string, Operation>
  /** Events and actions that GitHub sends, as `pull-request-closed`. */
  readonly knownWebhooks: ReadonlySet<string>
  readonly webhooks: ReadonlyMap<string, JsonObject>
  readonly schemas: ReadonlyMap<string, JsonObject>
  readonly examples: ReadonlyMap<string, Json>
}

const methods = ['get', 'post', 'put', 'patch', 'delete']
const webhookParts =
  /^(pull-request-(closed|opened|edited|labeled)|issues-(edited|opened|closed)|installation(-.*)?|issue-comment-(created|edited)|repository-(renamed|privatized|publicized|archived|unarchived|deleted|transferred)|push|ping)$/
const exampleNames = [
  'base-installation-items',
  'check-run-example-of-completed-conclusion',
  'commit-items',
  'full-repository-default-response',
  'integration-from-manifest',
  'pull-request',
  'rate-limit-overview',
]

const require = createRequire(import.meta.url)

let read: Description | null = null

/** Reads 13 MB once in a process and keeps what the named operations need of it; the rest is left to the collector. */
export function publishedDescription(operations: readonly string[]): Description {
  read ??= extract(readPublished(), operations)
  return read
}

function readPublished(): JsonObject {
  const path = require.resolve('@octokit/openapi/generated/api.github.com.json')
  return objectAt(parseJson(readFileSync(path, 'utf8')))
}

function extract(document: JsonObject, names: readonly string[]): Description {
  const components = objectAt(document, 'components')
  const known = new Set<string>()
  const operations = new Map<string, Operation>()
  for (const [path, item] of Object.entries(objectAt(document, 'paths'))) {
    for (const method of methods) {
      const name = `${method.toUpperCase()} ${path}`
      const operation = isObject(item) ? item[method] : undefined
      if (!isObject(operation)) continue
      known.add(name)
      if (names.includes(name)) operations.set(name, readOperation(operation, components))
    }
  }
  correct(operations)
  const events = objectAt(document, 'x-webhooks')
  const webhooks = new Map(
    Object.entries(events)
      .filter(([name]) => webhookParts.test(name))
      .flatMap(([name, event]) => {
        const schema = schemaOf(objectAt(event, 'post', 'requestBody'))
        return schema === null ? [] : [[name, schema] as const]
      }),
  )
  const roots = [...operations.values()].flatMap(({ request, answers }) => [request, ...answers.values()])
  return {
    known,
    operations,
    knownWebhooks: new Set(Object.keys(events)),
    webhooks,
    schemas: referredSchemas([...roots, ...webhooks.values()], objectAt(components, 'schemas')),
    examples: new Map(exampleNames.map((name) => [name, objectAt(components, 'examples', name).value ?? null])),
  }
}

/** The list of installations asks each account to be a user and an enterprise at once; the installation alone does not. */
function correct(operations: Map<string, Operation>): void {
  const name = 'GET /app/installations'
  const operation = operations.get(name)
  if (operation === undefined) return
  const items = jsonSchema({ $ref: '#/components/schemas/installation' })
  operations.set(name, { ...operation, answers: new Map([...operation.answers, [200, { type: 'array', items }]]) })
}

function readOperation(operation: JsonObject, components: JsonObject): Operation {
  const parameters = arrayOf(operation.parameters).map((each) => resolve(each, components))
  const body = isObject(operation.requestBody) ? schemaOf(operation.requestBody) : null
  const answers = Object.entries(objectAt(operation, 'responses')).map(
    ([status, answer]) => [Number(status), schemaOf(resolve(answer, components))] as const,
  )
  return {
    queryParameters: parameters.flatMap(({ in: where, name }) => (where === 'query' ? [textOf(name) ?? ''] : [])),
    request: body,
    answers: new Map(answers),
  }
}

/** Follows `#/components/parameters/x` and `#/components/responses/x`. */
function resolve(value: Json, components: JsonObject): JsonObject {
  const reference = isObject(value) ? textOf(value.$ref) : null
  return reference === null ? objectAt(value) : objectAt(components, ...reference.split('/').slice(2))
}

function schemaOf(content: JsonObject): JsonObject | null {
  const media = isObject(content.content) ? content.content['application/json'] : undefined
  return isObject(media) && isObject(media.schema) ? jsonSchema(media.schema) : null
}
