import type { Node } from '../parse.ts'

/** An item with the attributes and the comments that stand above it. */
export interface Dressed {
  readonly item: Node
  readonly attributes: readonly Node[]
  /** Where the first of its comments or attributes begins. */
  readonly start: number
}

/** The items of a file or of a body in braces, each with what stands above it. */
export function itemsIn(holder: Node): readonly Dressed[] {
  const items: Dressed[] = []
  let attributes: Node[] = []
  let start: number | null = null
  let previous: Node | null = null
  for (const node of holder.namedChildren) {
    if (isComment(node)) {
      const trails = previous !== null && !isComment(previous) && lastRow(previous) === node.startPosition.row
      const isInner = /^(?:\/\/!|\/\*!)/.test(node.text.slice(0, 3))
      if (trails || isInner) start = attributes.length > 0 ? start : null
      else if (attributes.length === 0 && !touches(previous, node)) start = node.startIndex
      else start ??= node.startIndex
    } else if (node.type === 'attribute_item') {
      const isApart = attributes.length === 0 && previous !== null && isComment(previous) && !touches(previous, node)
      start = isApart ? node.startIndex : (start ?? node.startIndex)
      attributes.push(node)
    } else if (node.type !== 'inner_attribute_item') {
      const isApart = attributes.length === 0 && previous !== null && isComment(previous) && !touches(previous, node)
      items.push({ item: node, attributes, start: isApart ? node.startIndex : (start ?? node.startIndex) })
      attributes = []
      start = null
    }
    previous = node
  }
  return items
}

export function isComment(node: Node): boolean {
  return node.type === 'line_comment' || node.type === 'block_comment'
}

/** A documentation comment's node ends behind its line break. */
function lastRow(node: Node): number {
  return node.endPosition.column === 0 && node.endPosition.row > node.startPosition.row
    ? node.endPosition.row - 1
    : node.endPosition.row
}

function touches(above: Node | null, node: Node): boolean {
  return above !== null && lastRow(above) + 1 >= node.startPosition.row
}

/** The attributes' words without blanks: `cfg(all(test,feature="x"))`, `tokio::test(flavor="multi_thread")`. */
export function attributeTexts(attributes: readonly Node[]): readonly string[] {
  return attributes.map((attribute) => (attribute.namedChildren[0]?.text ?? '').replaceAll(/\s+/g, ''))
}

/** True where an item is compiled for tests alone: `cfg(test)`, `cfg(all(test, …))`. */
export function isForTests(attributes: readonly Node[]): boolean {
  return attributeTexts(attributes).some((text) => {
    const condition = /^cfg\((?<condition>.*)\)$/.exec(text)?.groups?.condition
    return condition !== undefined && needsTest(condition)
  })
}

/** Whether a condition holds in builds of tests only. In doubt it does not. */
function needsTest(condition: string): boolean {
  if (condition === 'test' || condition === 'doctest') return true
  const { kind, rest } = /^(?<kind>all|any)\((?<rest>.*)\)$/.exec(condition)?.groups ?? {}
  if (kind === undefined || rest === undefined) return false
  const parts = splitConditions(rest)
  return kind === 'all' ? parts.some(needsTest) : parts.length > 0 && parts.every(needsTest)
}

/** At the commas that stand in no parentheses. */
function splitConditions(text: string): readonly string[] {
  const parts: string[] = []
  let depth = 0
  let from = 0
  for (let at = 0; at <= text.length; at += 1) {
    const character = text[at]
    if (character === '(') depth += 1
    if (character === ')') depth -= 1
    if (at === text.length || (character === ',' && depth === 0)) {
      const part = text.slice(from, at)
      if (part !== '') parts.push(part)
      from = at + 1
    }
  }
  return parts
}

/** True for what a test function bears: `#[test]`, `#[tokio::test]`, `#[rstest]`, `#[test_case(…)]`, `#[quickcheck]` … */
export function isTestFunction(attributes: readonly Node[]): boolean {
  return attributeTexts(attributes).some((text) => {
    const name = /^(?<name>[\w:]+)/.exec(text)?.groups?.name ?? ''
    return testAttributes.test(name)
  })
}

const testAttributes =
  /^(?:(?:\w+::)*(?:test|bench)|rstest(?:::rstest)?|test_case(?:::test_case)?|(?:\w+::)?(?:quickcheck|test_log|googletest|gtest|proptest|wasm_bindgen_test|apply|traced_test|parameterized|test_matrix|case|test_resources|datatest_stable))$/
