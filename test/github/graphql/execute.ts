import {
  type DocumentNode,
  execute,
  GraphQLError,
  type GraphQLFieldResolver,
  getOperationAST,
  type OperationDefinitionNode,
  parse,
  validate,
} from 'graphql'
import { partsOfNodeId } from '../ids.ts'
import { isObject, type JsonObject, parseJson, textOf, tryJson } from '../json.ts'
import { nameOf, remainingOf } from '../rate-limits.ts'
import type { Scene } from '../scene.ts'
import type { Caller } from '../types.ts'
import { sees } from '../world.ts'
import { actorNode } from './actor-node.ts'
import { type Demand, demandOf, limitError } from './limits.ts'
import { nodeIn, repositoryNode } from './repository-node.ts'
import { publishedSchema } from './schema.ts'
import type { View } from './view.ts'

export interface GraphQLRequest {
  readonly query: string
  readonly variables: JsonObject
  readonly operation: string | null
}

/** `null`: the body is no GraphQL request. */
export function readGraphQLRequest(text: string): GraphQLRequest | null {
  const body = tryJson(text)
  if (!isObject(body) || typeof body.query !== 'string') return null
  return {
    query: body.query,
    variables: isObject(body.variables) ? body.variables : {},
    operation: textOf(body.operationName) ?? /\b(?:query|mutation)\s+(\w+)/.exec(body.query)?.[1] ?? null,
  }
}

type Prepared = { readonly document: DocumentNode; readonly errors: readonly GraphQLError[] }

/** Queries are few and come often; validating one against this schema takes milliseconds. */
const prepared = new Map<string, Prepared>()

/** Executes as GitHub would: always an answer of 200, with `errors` where something is wrong. */
export async function executeGraphQL(request: GraphQLRequest, caller: Caller, scene: Scene): Promise<JsonObject> {
  const { document, errors } = prepare(request.query)
  const operation = getOperationAST(document, null)
  if (errors.length > 0 || !operation || operation.operation !== 'query')
    return refuse(scene, request, errors.length > 0 ? errors : [new GraphQLError('Only one query at a time is played')])
  const demand = demandOf(publishedSchema(), document, operation, withDefaults(operation, request.variables))
  if (demand.errors.length > 0) return refuse(scene, request, demand.errors)
  const budget = scene.rates.of(caller, 'graphql')
  if (remainingOf(budget) < demand.cost) return { errors: [rateLimited(caller)] }
  budget.used += demand.cost
  const result = await execute({
    schema: publishedSchema(),
    document,
    rootValue: rootNode(viewOf(scene, caller), demand),
    variableValues: request.variables,
    fieldResolver: resolver,
  })
  // An error of no kind that GitHub has is a mistake, on either side.
  note(scene, request, result.errors?.filter(({ extensions }) => typeof extensions.type !== 'string') ?? [])
  const shown = result.errors?.map(errorShape)
  // Through JSON, as it goes over the wire: what graphql-js gives has no prototype.
  const data = result.data === undefined ? null : parseJson(JSON.stringify(result.data))
  return shown === undefined ? { data } : { data, errors: shown }
}

function rateLimited(caller: Caller): JsonObject {
  return {
    type: 'RATE_LIMITED',
    code: 'graphql_rate_limit',
    message: `API rate limit already exceeded for ${nameOf(caller)}.`,
  }
}

function prepare(query: string): Prepared {
  const known = prepared.get(query)
  if (known !== undefined) return known
  const fresh = parseAndValidate(query)
  if (prepared.size >= 200) prepared.clear()
  prepared.set(query, fresh)
  return fresh
}

function parseAndValidate(query: string): Prepared {
  try {
    const document = parse(query)
    return { document, errors: validate(publishedSchema(), document) }
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error
    return { document: parse('{ __typename }'), errors: [error] }
  }
}

/** What breaks GitHub's rules is a mistake of the client, which its tests want to know of. */
function refuse(scene: Scene, request: GraphQLRequest, errors: readonly GraphQLError[]): JsonObject {
  note(scene, request, errors)
  return { errors: errors.map(errorShape) }
}

function note(scene: Scene, request: GraphQLRequest, errors: readonly GraphQLError[]): void {
  for (const { message } of errors) scene.problems.push(`GraphQL ${request.operation ?? 'query'}: ${message}`)
}

/** GitHub puts the kind of an error beside its message. */
function errorShape(error: GraphQLError): JsonObject {
  const { type, ...extensions } = error.extensions
  return {
    ...(typeof type === 'string' ? { type } : {}),
    ...(error.path === undefined ? {} : { path: [...error.path] }),
    ...(Object.keys(extensions).length > 0 ? { extensions: parseJson(JSON.stringify(extensions)) } : {}),
    locations: (error.locations ?? []).map(({ line, column }) => ({ line, column })),
    message: error.message,
  }
}

/** Looks a field up in its object and calls it. A field that no resolver of ours has is a problem, and no silent `null`. */
const resolver: GraphQLFieldResolver<unknown, unknown> = (source, args, _, info) => {
  const value = typeof source === 'object' && source !== null ? Reflect.get(source, info.fieldName) : undefined
  if (value === undefined) {
    throw new Error(`${info.parentType.name}.${info.fieldName}: GitHub has it, this server not`)
  }
  return typeof value === 'function' ? value(args) : value
}

function withDefaults(operation: OperationDefinitionNode, given: JsonObject): JsonObject {
  const defaults = (operation.variableDefinitions ?? []).flatMap(({ variable, defaultValue }) =>
    defaultValue?.kind === 'IntValue' ? [[variable.name.value, Number(defaultValue.value)] as const] : [],
  )
  return { ...Object.fromEntries(defaults), ...given }
}

function viewOf(scene: Scene, caller: Caller): View {
  const view: View = { scene, caller, repository: (repository) => repositoryNode(view, repository) }
  return view
}

function rootNode(view: View, demand: Demand): Record<string, unknown> {
  const { world, rates } = view.scene
  const node = ({ id }: { readonly id: string }) => findNode(view, id)
  return {
    repository: ({ owner, name }: { readonly owner: string; readonly name: string }) => {
      const repository = world.named(`${owner}/${name}`)
      if (repository !== null && sees(view.caller, repository)) return view.repository(repository)
      return limitError('NOT_FOUND', `Could not resolve to a Repository with the name '${owner}/${name}'.`, null)
    },
    node,
    nodes: ({ ids }: { readonly ids: readonly string[] }) => ids.map((id) => node({ id })),
    viewer: () => actorNode(view.caller.kind === 'user' ? view.caller.login : `${view.scene.appSlug}[bot]`),
    rateLimit: () => {
      const budget = rates.of(view.caller, 'graphql')
      return {
        cost: demand.cost,
        limit: budget.limit,
        nodeCount: demand.nodes,
        remaining: remainingOf(budget),
        used: budget.used,
        resetAt: new Date(budget.resetAt).toISOString(),
      }
    },
  }
}

function findNode(view: View, id: string): unknown {
  const { kind, parts } = partsOfNodeId(id)
  const repository = view.scene.world.repositories.get(Number(parts[0]))
  const found = repository && sees(view.caller, repository) ? nodeIn(view, repository, kind, parts) : null
  return found ?? limitError('NOT_FOUND', `Could not resolve to a node with the global id of '${id}'`, null)
}
