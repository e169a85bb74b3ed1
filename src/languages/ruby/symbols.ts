import type { Node } from '../parse.ts'
import type { CodeSymbol } from '../types.ts'

type Holder = { readonly name: string } | null

/** What a node may hold without being a method's body. */
const transparent = new Set(['program', 'body_statement', 'if', 'unless', 'then', 'else', 'begin'])

/** What a file defines outside of methods, named as Ruby's own documentation names it: `Shop::Cart`, `Shop::Cart#total`, `Shop::Cart.open`. */
export function symbolsOf(root: Node): CodeSymbol[] {
  const found: CodeSymbol[] = []
  collect(root, null, found)
  return found
}

function collect(node: Node, holder: Holder, found: CodeSymbol[]): void {
  for (const child of node.namedChildren) {
    const inner = defined(child, holder, found)
    if (inner !== undefined) {
      const body = child.childForFieldName('body')
      if (body !== null) collect(body, inner, found)
    } else if (transparent.has(child.type)) collect(child, holder, found)
  }
}

/** Notes what the node defines; what it holds is looked into where it gives itself (or, `class << self`, its holder) back. */
function defined(node: Node, holder: Holder, found: CodeSymbol[]): Holder | undefined {
  const name = node.childForFieldName('name')?.text ?? ''
  const note = (kind: CodeSymbol['kind'], whole: string): void => {
    found.push({ name: whole, kind, span: { start: node.startIndex, end: node.endIndex } })
  }
  const within = (joint: string, own: string): string => (holder === null ? own : `${holder.name}${joint}${own}`)
  switch (node.type) {
    case 'class':
    case 'module':
      note(node.type === 'class' ? 'type' : 'module', within('::', name))
      return { name: within('::', name) }
    case 'singleton_class':
      return holder
    case 'method':
      note(holder === null ? 'function' : 'method', within('#', name))
      return undefined
    case 'singleton_method':
      note(holder === null ? 'function' : 'method', within('.', name))
      return undefined
    case 'assignment': {
      const left = node.childForFieldName('left')
      if (left?.type === 'constant') note('constant', within('::', left.text))
      return undefined
    }
    default:
      return undefined
  }
}
