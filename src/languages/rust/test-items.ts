import type { Node } from '../parse.ts'
import type { Span } from '../types.ts'
import { type Dressed, isForTests, isTestFunction, itemsIn } from './attributes.ts'

/** Macros that define tests from what is between their braces. */
const testMacros = /^(?:(?:proptest|quickcheck)::)?(?:proptest|quickcheck)$/

/**
 * What is compiled for tests alone, the outermost of it, at the top of the file and inside modules, implementations and traits: items under
 * `cfg(test)`, test functions, macros that define tests and the calls of such. A file that is itself under `cfg(test)` is one item.
 */
export function testItemsOf(root: Node): Span[] {
  const isWhole = root.namedChildren.some((node) => node.type === 'inner_attribute_item' && isForTests([node]))
  if (isWhole) return root.endIndex > 0 ? [{ start: 0, end: root.endIndex }] : []
  const spans: Span[] = []
  collect(root, testMacrosOf(root), spans)
  return spans
}

function collect(holder: Node, macros: ReadonlySet<string>, spans: Span[]): void {
  for (const dressed of itemsIn(holder)) {
    if (isTestItem(dressed, macros)) spans.push({ start: dressed.start, end: endOf(dressed.item) })
    else {
      const body = bodyOf(dressed.item)
      if (body !== null) collect(body, macros, spans)
    }
  }
}

/** What an item holds that can be items in turn. */
export function bodyOf(item: Node): Node | null {
  const holds = item.type === 'mod_item' || item.type === 'impl_item' || item.type === 'trait_item'
  return holds ? item.childForFieldName('body') : null
}

function isTestItem({ item, attributes }: Dressed, macros: ReadonlySet<string>): boolean {
  if (isForTests(attributes)) return true
  if (item.type === 'function_item' || item.type === 'function_signature_item') return isTestFunction(attributes)
  if (item.type === 'macro_definition') return macros.has(nameOf(item))
  const call = calledMacro(item)
  return call !== null && (testMacros.test(call) || macros.has(call))
}

/** Macros of the file that define test functions: what they are called with makes tests. */
function testMacrosOf(root: Node): ReadonlySet<string> {
  const defined = root
    .descendantsOfType('macro_definition')
    .filter((definition) => /#\s*\[\s*(?:\w+\s*::\s*)*test\s*(?:\([^)]*\)\s*)?\]/.test(definition.text))
  return new Set(defined.map(nameOf))
}

function nameOf(item: Node): string {
  return item.childForFieldName('name')?.text ?? ''
}

/** `name` of `name! { … }` as an item. */
function calledMacro(item: Node): string | null {
  const call = item.type === 'expression_statement' ? item.namedChildren[0] : item
  return call?.type === 'macro_invocation' ? (call.childForFieldName('macro')?.text ?? null) : null
}

/** A documentation comment at the end of a broken file may end behind it. */
function endOf(item: Node): number {
  return item.endIndex
}

/** What only tests could use: nothing that is not private to the file. */
export function isTestFileRoot(root: Node): boolean {
  const spans = testItemsOf(root)
  if (spans.length === 0) return false
  const inside = (node: Node) => spans.some(({ start, end }) => node.startIndex >= start && node.endIndex <= end)
  const others = itemsIn(root).filter(({ item }) => !inside(item))
  const hasTests = itemsIn(root).some(({ item, attributes }) => inside(item) && !isForTests(attributes))
  const isWhole = spans.length === 1 && others.length === 0
  return isWhole || (hasTests && others.every(({ item }) => isPrivate(item, root)))
}

function isPrivate(item: Node, root: Node): boolean {
  if (item.type === 'use_declaration' || item.type === 'extern_crate_declaration') return !isPublic(item)
  if (item.type === 'mod_item') return item.childForFieldName('body') !== null && !isPublic(item)
  if (item.type === 'impl_item') return isOfFile(item, root)
  if (item.type === 'function_item' && nameOf(item) === 'main') return false
  return !isPublic(item)
}

function isPublic(item: Node): boolean {
  return item.namedChildren.some((child) => child.type === 'visibility_modifier')
}

/** An implementation for a type that the file defines; of any other type it could be the crate's code. */
function isOfFile(item: Node, root: Node): boolean {
  const type = item.childForFieldName('type')
  const name = (type?.type === 'generic_type' ? type.childForFieldName('type') : type)?.text
  return root.namedChildren.some(
    (other) => /^(?:struct|enum|union)_item$/.test(other.type) && name !== undefined && nameOf(other) === name,
  )
}
