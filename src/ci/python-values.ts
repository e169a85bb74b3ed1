import type { Node } from '../languages/parse.ts'

/** What can be told of a Python value without running anything. */
export type PythonValue =
  | { readonly kind: 'text'; readonly text: string; readonly known: boolean }
  | { readonly kind: 'list'; readonly items: readonly PythonValue[] }
  | { readonly kind: 'truth'; readonly value: boolean }
  | { readonly kind: 'none' }
  | { readonly kind: 'function'; readonly node: Node }
  | { readonly kind: 'unknown' }

export type PythonScope = ReadonlyMap<string, PythonValue>

const unknown: PythonValue = { kind: 'unknown' }
const deepest = 30

/** Works out literals, names, sums, conditions and a few calls; `ask` answers for attributes and calls that the reader knows. */
export function pythonValue(
  node: Node | null,
  scope: PythonScope,
  ask: (node: Node, evaluate: (inner: Node | null) => PythonValue) => PythonValue | null,
  depth = 0,
): PythonValue {
  if (node === null || depth > deepest) return unknown
  const evaluate = (inner: Node | null): PythonValue => pythonValue(inner, scope, ask, depth + 1)
  switch (node.type) {
    case 'string':
    case 'concatenated_string':
      return textOf(node, evaluate)
    case 'integer':
    case 'float':
      return { kind: 'text', text: node.text, known: true }
    case 'true':
    case 'false':
      return { kind: 'truth', value: node.type === 'true' }
    case 'none':
      return { kind: 'none' }
    case 'identifier':
      return scope.get(node.text) ?? unknown
    case 'parenthesized_expression':
      return evaluate(node.namedChild(0))
    case 'list':
    case 'tuple':
    case 'set':
      return { kind: 'list', items: itemsOf(node.namedChildren, evaluate) }
    case 'conditional_expression': {
      const [yes = null, condition = null, no = null] = node.namedChildren
      return evaluate(truthOf(evaluate(condition)) === true ? yes : no)
    }
    case 'not_operator': {
      const truth = truthOf(evaluate(node.childForFieldName('argument')))
      return truth === null ? unknown : { kind: 'truth', value: !truth }
    }
    case 'boolean_operator':
      return either(node, evaluate)
    case 'binary_operator':
      return sum(node, evaluate)
    case 'comparison_operator':
      return compared(node, evaluate)
    case 'call':
      return ask(node, evaluate) ?? called(node, evaluate)
    default:
      return ask(node, evaluate) ?? unknown
  }
}

/** The items of a list or of arguments, splats laid out; those that nobody knows are left out of a splat and kept as unknown elsewhere. */
export function itemsOf(nodes: readonly Node[], evaluate: (node: Node | null) => PythonValue): readonly PythonValue[] {
  return nodes.flatMap((node): readonly PythonValue[] => {
    if (node.type === 'comment' || node.type === 'keyword_argument' || node.type === 'dictionary_splat') return []
    if (node.type !== 'list_splat') return [evaluate(node)]
    const value = evaluate(node.namedChild(0))
    return value.kind === 'list' ? value.items : []
  })
}

/** Null: it can't be told. */
export function truthOf(value: PythonValue): boolean | null {
  if (value.kind === 'truth') return value.value
  if (value.kind === 'none') return false
  if (value.kind === 'list') return value.items.length > 0
  return value.kind === 'text' && value.known ? value.text !== '' : null
}

function textOf(node: Node, evaluate: (inner: Node | null) => PythonValue): PythonValue {
  if (node.type === 'concatenated_string') {
    const parts = node.namedChildren.map((child) => textOf(child, evaluate))
    const texts = parts.flatMap((part) => (part.kind === 'text' ? [part] : []))
    return { kind: 'text', text: texts.map(({ text }) => text).join(''), known: texts.every(({ known }) => known) }
  }
  let text = ''
  let known = true
  for (const child of node.namedChildren) {
    if (child.type === 'string_content') text += unescaped(child.text)
    if (child.type !== 'interpolation') continue
    const value = evaluate(child.namedChild(0))
    const inner = value.kind === 'text' && value.known ? value.text : null
    text += inner ?? child.text
    known &&= inner !== null
  }
  return { kind: 'text', text, known }
}

function unescaped(text: string): string {
  return text.replaceAll(/\\(?:\n|(["'\\]))/g, '$1')
}

function either(node: Node, evaluate: (inner: Node | null) => PythonValue): PythonValue {
  const left = evaluate(node.childForFieldName('left'))
  const right = node.childForFieldName('right')
  const truth = truthOf(left)
  const isOr = node.children.some((child) => child.type === 'or')
  if (truth === null) return isOr ? evaluate(right) : unknown
  return truth === isOr ? left : evaluate(right)
}

function sum(node: Node, evaluate: (inner: Node | null) => PythonValue): PythonValue {
  const [left, right] = [evaluate(node.childForFieldName('left')), evaluate(node.childForFieldName('right'))]
  const sign = node.childForFieldName('operator')?.type
  if (sign === '+' && left.kind === 'list' && right.kind === 'list')
    return { kind: 'list', items: [...left.items, ...right.items] }
  if (left.kind !== 'text' || right.kind !== 'text' || (sign !== '+' && sign !== '/')) return unknown
  return { kind: 'text', text: left.text + (sign === '/' ? '/' : '') + right.text, known: left.known && right.known }
}

function compared(node: Node, evaluate: (inner: Node | null) => PythonValue): PythonValue {
  const [first = null, second = null] = node.namedChildren
  const sign = node.children.find((child) => !child.isNamed)?.type ?? ''
  const [left, right] = [evaluate(first), evaluate(second)]
  if (left.kind === 'unknown' || right.kind === 'unknown' || left.kind === 'function') return unknown
  if (!['==', '!=', 'is', 'is not'].includes(sign)) return unknown
  return { kind: 'truth', value: (JSON.stringify(left) === JSON.stringify(right)) === (sign === '==' || sign === 'is') }
}

/** `str(x)`, `Path(x)`, `os.path.join(a, b)`, `shlex.split(x)`, `x.split()`, `list(x)`. */
function called(node: Node, evaluate: (inner: Node | null) => PythonValue): PythonValue {
  const name = node.childForFieldName('function')
  const given = itemsOf(node.childForFieldName('arguments')?.namedChildren ?? [], evaluate)
  const [first = unknown] = given
  if (['str', 'Path', 'pathlib.Path', 'list', 'tuple', 'sorted'].includes(name?.text ?? '')) return first
  if (/(?:^|\.)path\.join$/.test(name?.text ?? '') && given.every((each) => each.kind === 'text' && each.known))
    return { kind: 'text', text: given.map((each) => (each.kind === 'text' ? each.text : '')).join('/'), known: true }
  const isSplit = name?.type === 'attribute' && name.childForFieldName('attribute')?.text === 'split'
  const split =
    name?.text === 'shlex.split'
      ? first
      : isSplit && given.length === 0
        ? evaluate(name.childForFieldName('object'))
        : unknown
  if (split.kind !== 'text' || !split.known) return unknown
  const words = split.text.split(/\s+/).filter((word) => word !== '')
  return { kind: 'list', items: words.map((text) => ({ kind: 'text', text, known: true })) }
}
