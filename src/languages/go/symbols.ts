import type { Node } from '../parse.ts'
import type { CodeSymbol } from '../types.ts'

/** What a file's package gets from it, in order; a method stands with its type. */
export function symbolsOf(root: Node): CodeSymbol[] {
  return root.namedChildren.flatMap((node) => {
    const name = node.childForFieldName('name')?.text
    if (node.type === 'function_declaration') return name === undefined ? [] : [symbol(node, name, 'function')]
    if (node.type === 'method_declaration') {
      const type = node.childForFieldName('receiver')?.descendantsOfType('type_identifier')[0]?.text
      return name === undefined ? [] : [symbol(node, type === undefined ? name : `${type}.${name}`, 'method')]
    }
    if (node.type === 'type_declaration') return node.descendantsOfType(['type_spec', 'type_alias']).flatMap(typesOf)
    if (node.type === 'const_declaration' || node.type === 'var_declaration') return valuesOf(node)
    return []
  })
}

/** A type, and the methods that an interface asks for. */
function typesOf(spec: Node): CodeSymbol[] {
  const name = spec.childForFieldName('name')?.text
  if (name === undefined) return []
  const body = spec.childForFieldName('type')
  const methods = body?.type === 'interface_type' ? body.namedChildren.filter(({ type }) => type === 'method_elem') : []
  return [
    symbol(spec, name, 'type'),
    ...methods.flatMap((method) => {
      const own = method.childForFieldName('name')?.text
      return own === undefined ? [] : [symbol(method, `${name}.${own}`, 'method')]
    }),
  ]
}

function valuesOf(declaration: Node): CodeSymbol[] {
  const specs = declaration
    .descendantsOfType(['const_spec', 'var_spec'])
    .filter((spec) => isOutermost(spec, declaration))
  return specs.flatMap((spec) =>
    spec
      .childrenForFieldName('name')
      .flatMap(({ type, text }) => (type === 'identifier' && text !== '_' ? [symbol(spec, text, 'constant')] : [])),
  )
}

/** Not inside a function that is the value of another variable. */
function isOutermost(spec: Node, declaration: Node): boolean {
  for (let node = spec.parent; node !== null; node = node.parent) {
    if (node.id === declaration.id) return true
    if (node.type === 'func_literal') return false
  }
  return true
}

function symbol(node: Node, name: string, kind: CodeSymbol['kind']): CodeSymbol {
  return { name, kind, span: { start: node.startIndex, end: node.endIndex } }
}
