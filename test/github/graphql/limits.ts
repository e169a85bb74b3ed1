import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  valueFromASTUntyped,
} from 'graphql'

/** What a query may cost, worked out before it runs. */
export interface Demand {
  /** Points of the hour's budget. */
  readonly cost: number
  /** The most nodes that it could bring. */
  readonly nodes: number
  /** A breach each, in GitHub's words and with its `type`. */
  readonly errors: readonly GraphQLError[]
}

type Variables = Readonly<Record<string, unknown>>

/** GitHub's own limit. */
const mostNodes = 500_000

/**
 * GitHub's documented rules. Each connection needs `first` or `last` of 1 to 100. Its nodes are that number times those of the
 * connections around it, 500,000 in all. A request is counted for each connection of each node around it; a hundred of
 * them are a point, and one point is the least.
 */
export function demandOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables,
): Demand {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const each of document.definitions)
    if (each.kind === Kind.FRAGMENT_DEFINITION) fragments.set(each.name.value, each)
  const walk: Walk = { schema, fragments, variables, requests: 0, nodes: 0, errors: [] }
  walkSelections(walk, operation.selectionSet, schema.getQueryType()?.name ?? 'Query', 1, [])
  const tooMany = walk.nodes > mostNodes
  if (tooMany) {
    const text = `This query requests up to ${walk.nodes.toLocaleString('en')} possible nodes which exceeds the maximum limit of 500,000.`
    walk.errors.push(limitError('MAX_NODE_LIMIT_EXCEEDED', text, []))
  }
  return { cost: Math.max(1, Math.round(walk.requests / 100)), nodes: walk.nodes, errors: walk.errors }
}

interface Walk {
  readonly schema: GraphQLSchema
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>
  readonly variables: Variables
  requests: number
  nodes: number
  readonly errors: GraphQLError[]
}

/** `times`: how many nodes there are around this place at most. */
function walkSelections(walk: Walk, set: SelectionSetNode, type: string, times: number, path: readonly string[]): void {
  for (const each of set.selections) {
    if (each.kind === Kind.FIELD) walkField(walk, each, type, times, path)
    else if (each.kind === Kind.INLINE_FRAGMENT)
      walkSelections(walk, each.selectionSet, each.typeCondition?.name.value ?? type, times, path)
    else {
      const fragment = walk.fragments.get(each.name.value)
      if (fragment) walkSelections(walk, fragment.selectionSet, fragment.typeCondition.name.value, times, path)
    }
  }
}

function walkField(walk: Walk, field: FieldNode, parent: string, times: number, path: readonly string[]): void {
  const type = fieldType(walk.schema, parent, field.name.value)
  if (type === null || field.selectionSet === undefined) return
  const here = [...path, field.alias?.value ?? field.name.value]
  let within = times
  if (type.endsWith('Connection')) {
    within = times * pageSize(walk, field, here)
    walk.requests += times
    walk.nodes += within
  } else if (parent === 'Query' && field.name.value === 'nodes') {
    within = times * idsAsked(walk, field, here)
    walk.nodes += within
  }
  walkSelections(walk, field.selectionSet, type, within, here)
}

function pageSize(walk: Walk, field: FieldNode, path: readonly string[]): number {
  const name = field.name.value
  const first = argument(walk, field, 'first')
  const size = first ?? argument(walk, field, 'last')
  const which = first == null ? 'last' : 'first'
  if (typeof size !== 'number') {
    const text = `You must provide a \`first\` or \`last\` value to properly paginate the \`${name}\` connection.`
    walk.errors.push(limitError('MISSING_PAGINATION_BOUNDARIES', text, path))
    return 0
  }
  if (size >= 1 && size <= 100) return size
  const text = `Requesting ${size} records on the \`${name}\` connection exceeds the \`${which}\` limit of 100 records.`
  walk.errors.push(limitError(size < 1 ? 'INVALID_PAGINATION_BOUNDARIES' : 'EXCESSIVE_PAGINATION', text, path))
  return 0
}

function idsAsked(walk: Walk, field: FieldNode, path: readonly string[]): number {
  const ids = argument(walk, field, 'ids')
  const count = Array.isArray(ids) ? ids.length : 1
  const text = `You may not provide more than 100 node ids; you provided ${count}.`
  if (count > 100) walk.errors.push(limitError('ARGUMENT_LIMIT', text, path))
  return count
}

function argument(walk: Walk, field: FieldNode, name: string): unknown {
  const given = field.arguments?.find((each) => each.name.value === name)
  return given && valueFromASTUntyped(given.value, walk.variables)
}

function fieldType(schema: GraphQLSchema, parent: string, field: string): string | null {
  const type = schema.getType(parent)
  if (!isObjectType(type) && !isInterfaceType(type)) return null
  const found = getNamedType(type.getFields()[field]?.type)
  return isCompositeType(found) ? found.name : null
}

/** Without a path, graphql-js adds that of the field which gives the error. */
export function limitError(type: string, message: string, path: readonly (string | number)[] | null): GraphQLError {
  return new GraphQLError(message, { path, extensions: { type } })
}
