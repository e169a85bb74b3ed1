import type { Node } from '../parse.ts'
import type { CodeSymbol } from '../types.ts'

const kinds: Readonly<Record<string, CodeSymbol['kind']>> = {
  function_declaration: 'function',
  generator_function_declaration: 'function',
  function_signature: 'function',
  class_declaration: 'type',
  abstract_class_declaration: 'type',
  interface_declaration: 'type',
  type_alias_declaration: 'type',
  enum_declaration: 'type',
  internal_module: 'module',
  module: 'module',
  method_definition: 'method',
  abstract_method_signature: 'method',
  method_signature: 'method',
  variable_declarator: 'constant',
}

/** What a node may hold without being a function's body. */
const transparent = new Set([
  'program',
  'export_statement',
  'ambient_declaration',
  'lexical_declaration',
  'variable_declaration',
  'expression_statement',
  'class_body',
  'interface_body',
  'object_type',
  'statement_block',
])

/** What a file defines outside of function bodies. A constant that holds a function is one. */
export function symbolsOf(root: Node): CodeSymbol[] {
  const found: CodeSymbol[] = []
  collect(root, [], found)
  return found
}

function collect(node: Node, holders: readonly string[], found: CodeSymbol[]): void {
  for (const child of node.namedChildren) {
    const kind = kinds[child.type]
    const name = child.childForFieldName('name')?.text
    if (kind !== undefined && name !== undefined) {
      const names = [...holders, name]
      found.push({
        name: names.join('.'),
        kind: kind === 'constant' && holdsFunction(child) ? 'function' : kind,
        span: { start: child.startIndex, end: child.endIndex },
      })
      const body = child.childForFieldName('body')
      if ((kind === 'type' || kind === 'module') && body !== null) collect(body, names, found)
    } else if (transparent.has(child.type)) collect(child, holders, found)
  }
}

function holdsFunction(declarator: Node): boolean {
  return /^(?:arrow_function|function|function_expression|generator_function)$/.test(
    declarator.childForFieldName('value')?.type ?? '',
  )
}
