import type { Node } from '../parse.ts'
import type { CodeSymbol } from '../types.ts'

/** Functions, classes with their methods, and names that the module assigns, outside of function bodies. */
export function symbolsOf(root: Node): CodeSymbol[] {
  const found: CodeSymbol[] = []
  collect(root, [], found)
  return found
}

/** What may stand around a definition without being a function's body. */
const transparent = new Set([
  'if_statement',
  'else_clause',
  'elif_clause',
  'try_statement',
  'except_clause',
  'finally_clause',
  'with_statement',
  'block',
  'expression_statement',
])

function collect(node: Node, holders: readonly string[], found: CodeSymbol[]): void {
  for (const child of node.namedChildren) {
    const definition = child.type === 'decorated_definition' ? child.childForFieldName('definition') : child
    const name = definition?.childForFieldName('name')?.text
    const span = { start: child.startIndex, end: child.endIndex }
    if (definition?.type === 'function_definition' && name !== undefined)
      found.push({ name: [...holders, name].join('.'), kind: holders.length === 0 ? 'function' : 'method', span })
    else if (definition?.type === 'class_definition' && name !== undefined) {
      found.push({ name: [...holders, name].join('.'), kind: 'type', span })
      const body = definition.childForFieldName('body')
      if (body !== null) collect(body, [...holders, name], found)
    } else if (child.type === 'assignment') {
      const target = child.childForFieldName('left')
      if (target?.type === 'identifier' && holders.length === 0)
        found.push({ name: target.text, kind: 'constant', span })
    } else if (transparent.has(child.type)) collect(child, holders, found)
  }
}
