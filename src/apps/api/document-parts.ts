import { z } from 'zod'
import { type problemSchema, problemTypes } from './problem.ts'

const json = z.record(z.string(), z.unknown())
const operation = z.looseObject({
  parameters: z.array(json).optional(),
  requestBody: json.optional(),
  responses: z.record(z.string(), z.looseObject({ description: z.string().optional() })).default({}),
})
const openApiDocument = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), operation)),
  components: z.looseObject({ schemas: z.record(z.string(), z.unknown()).default({}) }),
})

type Operation = z.infer<typeof operation>

/** What every route may answer beside its own: told once, and pointed at. */
const problems = {
  400: ['InvalidRequest', 'A field of the request is wrong: `errors` names each, and its mend.'],
  401: ['Unauthorized', 'No token, or one that is unknown, expired or revoked.'],
  404: ['NotFound', 'There is nothing of this name for this token.'],
  406: ['NotAcceptable', 'There is no format that `Accept` names.'],
  409: ['Conflict', 'What was asked for does not go with what is there.'],
  412: ['PreconditionFailed', 'It is none of those that `If-Match` names.'],
  413: ['TooLarge', 'The body, or a part of it, is larger than this route takes.'],
  415: ['UnsupportedMediaType', 'The body is of a type or an encoding that this route does not take.'],
  416: ['RangeNotSatisfiable', 'The range begins after the end.'],
  429: ['TooManyRequests', "The token's budget is spent."],
  431: ['HeadersTooLarge', 'The address or a header is longer than this server reads.'],
  500: ['Failed', "Something failed here: it is in the server's log, by the id in `x-request-id`."],
  503: ['Unavailable', 'The database is away, and nothing was done by halves: ask again.'],
} as const satisfies Partial<Record<keyof typeof problemTypes, readonly [string, string]>>

type ProblemStatus = keyof typeof problems

const header = (name: string) => ({ $ref: `#/components/headers/${name}` })
const always = { 'x-request-id': header('RequestId') }
const budget = { RateLimit: header('RateLimit'), 'RateLimit-Policy': header('RateLimitPolicy') }
const more: Readonly<Partial<Record<ProblemStatus, object>>> = {
  401: { 'WWW-Authenticate': header('Challenge') },
  429: { ...budget, 'Retry-After': header('RetryAfter') },
  503: { 'Retry-After': header('RetryAfter') },
}

const headers = {
  RequestId: { description: "The request's id, as in the server's log", schema: { type: 'string', format: 'uuid' } },
  RateLimit: {
    description: "What is left of the token's budget (`r`), and the seconds until it is whole again (`t`)",
    schema: { type: 'string', examples: ['"requests";r=5999;t=60'] },
  },
  RateLimitPolicy: {
    description: 'The budget (`q`) of so many seconds (`w`)',
    schema: { type: 'string', examples: ['"requests";q=6000;w=60'] },
  },
  ETag: { description: 'To be sent back as `If-None-Match`', schema: { type: 'string', examples: ['"sha256:…"'] } },
  ContentRange: { description: 'Which bytes of how many', schema: { type: 'string', examples: ['bytes 0-99/4096'] } },
  RetryAfter: { description: 'Seconds to wait', schema: { type: 'string', pattern: '^\\d+$', examples: ['5'] } },
  Challenge: { description: 'How to say who asks', schema: { type: 'string', examples: ['Bearer realm="quarry"'] } },
}

/** Adds to the document what holds for all routes: problems, headers, and only the schemas that something names. */
export function completed(document: object): object {
  const { paths, components, ...rest } = openApiDocument.parse(plainExamples(document))
  const operations = Object.fromEntries(
    Object.entries(paths).map(([path, methods]) => [
      path,
      Object.fromEntries(Object.entries(methods).map(([method, each]) => [method, completeOperation(each, method)])),
    ]),
  )
  const responses = Object.fromEntries(
    Object.entries(problems).map(([status, [name, description]]) => [
      name,
      problemResponse(Number(status), description),
    ]),
  )
  const whole = { ...rest, paths: operations, components: { ...components, responses, headers } }
  const schemas = namedSchemas(components.schemas, whole)
  return shortlyNamed({ ...whole, components: { ...whole.components, schemas } }, Object.keys(schemas))
}

/** JSON Schema of 3.1 has a list of examples; one alone is what 3.0 had. */
function plainExamples(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(plainExamples)
  if (typeof part !== 'object' || part === null) return part
  const whole = Object.fromEntries(Object.entries(part).map(([key, value]) => [key, plainExamples(value)]))
  const isSchema = ['type', 'anyOf', 'oneOf', 'enum'].some((key) => key in whole)
  if (!isSchema || !('example' in whole)) return whole
  const { example, ...schema } = whole
  return { ...schema, examples: [example] }
}

function completeOperation(each: Operation, method: string): Operation {
  const own = Object.entries(each.responses)
    .filter(([status]) => !(status in problems))
    .map(([status, response]) => [status, withHeaders(response, Number(status), method)])
  const common = statusesOf(each).map((status) => [status, { $ref: `#/components/responses/${problems[status][0]}` }])
  return { ...each, responses: Object.fromEntries([...own, ...common]) }
}

/** Those that the route states, and those that its kind brings with it. */
function statusesOf({ parameters = [], requestBody, responses }: Operation): ProblemStatus[] {
  const stated = Object.keys(problems)
    .map(Number)
    .filter(isProblem)
    .filter((status) => status in responses)
  const takes =
    requestBody !== undefined ? [400, 413, 415] : parameters.some(({ in: where }) => where === 'query') ? [400] : []
  // A parameter that nobody knows is refused everywhere.
  const all = new Set([...stated, ...takes, 400, 401, 404, 429, 431, 500, 503])
  return [...all].filter(isProblem).sort((a, b) => a - b)
}

function isProblem(status: number): status is ProblemStatus {
  return status in problems
}

function withHeaders(response: Operation['responses'][string], status: number, method: string) {
  const own = json.optional().parse(response.headers)
  const description = response.description ?? ''
  const tagged = method === 'get' ? { ETag: header('ETag') } : {}
  const ranged = status === 206 ? { 'Content-Range': header('ContentRange') } : {}
  return {
    ...response,
    description: description === '' || description === 'Default Response' ? defaultWords(status) : description,
    headers: { ...always, ...budget, ...tagged, ...ranged, ...own },
  }
}

function defaultWords(status: number): string {
  const words: Readonly<Record<number, string>> = { 201: 'Made', 202: 'Taken on', 204: 'Done', 206: 'A part' }
  return words[status] ?? 'The answer'
}

function problemResponse(status: number, description: string): object {
  const schema = { $ref: '#/components/schemas/Problem' }
  const type = isProblem(status) ? problemTypes[status] : ''
  const example = { type: `urn:quarry:problem:${type}`, ...examples[status], status }
  return {
    description,
    headers: { ...always, ...(isProblem(status) ? more[status] : undefined) },
    content: { 'application/problem+json': { schema, example: { errors: [], ...example } } },
  }
}

const again = 'ask again in a few seconds: nothing was done by halves'
const examples: Readonly<
  Record<
    number,
    Omit<z.infer<typeof problemSchema>, 'type' | 'status' | 'errors'> & Partial<z.infer<typeof problemSchema>>
  >
> = {
  400: {
    title: 'the request is wrong',
    detail: 'limit 0 is too small: give a whole number from 1 to 1000',
    errors: [{ field: 'limit', problem: '0 is too small', mend: 'give a whole number from 1 to 1000' }],
  },
  401: {
    title: 'no valid token',
    detail: 'send the header "Authorization: Bearer <token>"; `quarry token create` makes tokens',
  },
  404: { title: 'not found', detail: 'for this token there is no task acme__shop-123' },
  409: { title: 'the idempotency key was used for something else', detail: 'send another Idempotency-Key' },
  406: {
    title: 'no such format',
    detail: 'a list is given as application/json or application/x-ndjson: name one of them in Accept',
  },
  412: { title: 'it is another file by now', detail: 'its ETag is "sha256:…"' },
  413: { title: 'the body is too large', detail: 'this route takes up to 1048576 bytes; send less at once' },
  415: { title: 'the body is of a type that this route does not take', detail: 'send content-type: application/json' },
  416: { title: 'the range begins after the end', detail: 'there are 4096 bytes' },
  429: { title: 'too many requests', detail: 'this token may send 6000 a minute here: go on in 12 s' },
  431: {
    title: 'the address or a header is too long',
    detail: 'POST /v1/tasks/search takes long lists in its body',
  },
  500: { title: 'something failed here', detail: "it is in the server's log, by the id in x-request-id" },
  503: { title: 'the database is away', detail: again },
}

/** The schemas that are named from somewhere, however far: the registry has each for requests and for answers. */
function namedSchemas(schemas: Readonly<Record<string, unknown>>, whole: object): Record<string, unknown> {
  const { components: _, ...outside } = openApiDocument.parse(whole)
  const found = new Set<string>()
  const follow = (part: unknown): void => {
    for (const [, name = ''] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (found.has(name)) continue
      found.add(name)
      follow(schemas[name] ?? null)
    }
  }
  follow(outside)
  follow({ $ref: '#/components/schemas/Problem' })
  return Object.fromEntries(Object.entries(schemas).filter(([name]) => found.has(name)))
}

/** `TaskQueryInput` is `TaskQuery`, where no answer has a schema of that name. */
function shortlyNamed(document: object, names: readonly string[]): object {
  const long = names.filter((name) => name.endsWith('Input') && !names.includes(name.replace(/Input$/, '')))
  const short = (text: string) =>
    long.reduce((told, name) => told.replaceAll(`"${name}"`, `"${name.slice(0, -5)}"`), text)
  const refs = (text: string) =>
    long.reduce(
      (told, name) => told.replaceAll(`"#/components/schemas/${name}"`, `"#/components/schemas/${name.slice(0, -5)}"`),
      text,
    )
  return json.parse(JSON.parse(refs(short(JSON.stringify(document)))))
}
