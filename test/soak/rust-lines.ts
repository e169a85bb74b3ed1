import Parser from 'tree-sitter'
import grammar from 'tree-sitter-rust'

/**
 * What a line of a Rust file is, told without Quarry's own rules for tests: `test` for what only test builds hold beyond doubt (an item under `cfg(test)`, or with
 * an attribute whose last word is `test`), `code` for what no word of tests stands near, `either` for what lies between: macros that may make tests, other
 * attributes with `test` or `bench` in them, comments above a test, and blank lines.
 */
export type LineKind = 'test' | 'code' | 'either'

type Node = Parser.SyntaxNode

/** One entry a line, as `split('\n')` has them. */
export function kindsOfLines(source: string): readonly LineKind[] {
  const kinds: LineKind[] = source.split('\n').map((line) => (line.trim() === '' ? 'either' : 'code'))
  mark(rootOf(source), kinds)
  return kinds
}

function rootOf(source: string): Node {
  if (!isNative(grammar)) throw new TypeError('the grammar has no native part')
  const parser = new Parser()
  parser.setLanguage(grammar)
  return parser.parse((index) => source.slice(index, index + 16_384)).rootNode
}

/** The grammar's own types know nothing of its native part. */
function isNative(given: { readonly language: unknown }): given is Parser.Language {
  return typeof given.language === 'object' && given.language !== null
}

function mark(holder: Node, kinds: LineKind[]): void {
  let above: Node[] = []
  for (const node of holder.namedChildren) {
    if (/^(?:attribute_item|line_comment|block_comment)$/.test(node.type)) {
      above.push(node)
      continue
    }
    const kind = kindOf(
      node,
      above.filter(({ type }) => type === 'attribute_item').map(({ text }) => text),
    )
    if (kind === 'code')
      for (const inner of node.namedChildren) if (inner.type === 'declaration_list') mark(inner, kinds)
    if (kind !== 'code') {
      for (const each of above) fill(each, each.type === 'attribute_item' ? kind : 'either', kinds)
      fill(node, kind, kinds)
    }
    above = []
  }
}

function kindOf(node: Node, attributes: readonly string[]): LineKind {
  const bare = attributes.map((text) => text.replaceAll(/\s+/g, ''))
  if (bare.some((text) => /^#\[cfg\((?:test|all\((?:.*,)?test[,)].*)\)\]$/.test(text) && !text.includes('not(test')))
    return 'test'
  if (bare.some((text) => /^#\[(?:\w+::)*test(?:\(.*\))?\]$/.test(text))) return 'test'
  if (bare.some((text) => /test|bench|check|case|gtest/.test(text))) return 'either'
  // A macro, or its call, may make tests of whatever stands in it.
  const isMacro = /^(?:macro_definition|macro_invocation|expression_statement)$/.test(node.type)
  return isMacro ? 'either' : 'code'
}

/** A line that holds something else beside is neither's for certain. */
function fill(node: Node, kind: LineKind, kinds: LineKind[]): void {
  const last = node.endPosition.column === 0 ? node.endPosition.row - 1 : node.endPosition.row
  for (let row = node.startPosition.row; row <= last; row += 1) kinds[row] = kind
}
