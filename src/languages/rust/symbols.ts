import type { Node } from '../parse.ts'
import type { CodeSymbol } from '../types.ts'

const kinds: Readonly<Record<string, CodeSymbol['kind']>> = {
  function_item: 'function',
  function_signature_item: 'function',
  macro_definition: 'function',
  struct_item: 'type',
  enum_item: 'type',
  union_item: 'type',
  trait_item: 'type',
  type_item: 'type',
  associated_type: 'type',
  const_item: 'constant',
  static_item: 'constant',
  mod_item: 'module',
}

/** What a file defines outside of function bodies: `Cart::total` for what an implementation or a trait holds. */
export function symbolsOf(root: Node): CodeSymbol[] {
  const found: CodeSymbol[] = []
  collect(root, [], false, found)
  return found
}

function collect(node: Node, holders: readonly string[], inType: boolean, found: CodeSymbol[]): void {
  for (const child of node.namedChildren) {
    const body = child.childForFieldName('body')
    if (child.type === 'impl_item') {
      if (body !== null) collect(body, [...holders, typeName(child)], true, found)
      continue
    }
    const kind = kinds[child.type]
    const name = child.childForFieldName('name')?.text
    if (kind === undefined || name === undefined) continue
    const names = [...holders, name]
    found.push({
      name: names.join('::'),
      kind: kind === 'function' && inType ? 'method' : kind,
      span: { start: child.startIndex, end: child.endIndex },
    })
    const holdsItems = child.type === 'mod_item' || child.type === 'trait_item'
    if (holdsItems && body !== null) collect(body, names, child.type === 'trait_item', found)
  }
}

/** The type that an implementation is for, without its parameters. */
function typeName(item: Node): string {
  const type = item.childForFieldName('type')
  return (type?.type === 'generic_type' ? type.childForFieldName('type') : type)?.text.replaceAll(/\s+/g, ' ') ?? ''
}
