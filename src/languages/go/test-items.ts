import type { Node } from '../parse.ts'
import type { Span } from '../types.ts'
import { symbolsOf } from './symbols.ts'

/** The testing package's parameter by the prefix of the function's name. */
const parameters: Readonly<Record<string, RegExp>> = {
  Test: /^(?:\w+\s+)?\*(?:testing\.)?[TM]$/,
  Benchmark: /^(?:\w+\s+)?\*(?:testing\.)?B$/,
  Fuzz: /^(?:\w+\s+)?\*(?:testing\.)?F$/,
}

/**
 * Functions that `go test` runs, with their comments. Where there are any, examples and the import of the testing package are items, too: an example
 * alone may be any function of that name.
 */
export function testItemsOf(root: Node): Span[] {
  const nodes = root.namedChildren
  const kinds = nodes.map(kindOf)
  const isExternal = /_test$/.test(packageOf(root))
  if (!kinds.includes('test') && !(isExternal && kinds.includes('companion'))) return []
  return nodes.flatMap((node, at) =>
    kinds[at] === null ? [] : [{ start: startWithComments(nodes, at), end: node.endIndex }],
  )
}

/** A file of tests: it has some, and offers its package nothing else that another file could want. */
export function isTestFileRoot(root: Node): boolean {
  const items = testItemsOf(root)
  if (items.length === 0) return false
  if (/_test$/.test(packageOf(root))) return true
  const others = symbolsOf(root).filter(
    ({ span }) => !items.some(({ start, end }) => start <= span.start && span.end <= end),
  )
  return !others.some(({ name, kind }) => kind !== 'method' && /^\p{Lu}/u.test(name))
}

function kindOf(node: Node): 'test' | 'companion' | null {
  if (node.type === 'import_declaration') return importsTesting(node) ? 'companion' : null
  if (node.type !== 'function_declaration' || node.childForFieldName('result') !== null) return null
  const name = node.childForFieldName('name')?.text ?? ''
  const [, prefix = ''] = /^(Test|Benchmark|Fuzz|Example)(?!\p{Ll})/u.exec(name) ?? []
  const given = node.childForFieldName('parameters')?.namedChildren ?? []
  if (prefix === 'Example') return given.length === 0 ? 'companion' : null
  return given.length === 1 && parameters[prefix]?.test(given[0]?.text ?? '') === true ? 'test' : null
}

/** `import "testing"` by itself; in a group with others it is theirs, too. */
function importsTesting(node: Node): boolean {
  const specs = node.descendantsOfType('import_spec')
  return specs.length > 0 && specs.every((spec) => /"testing(?:\/\w+)?"$/.test(spec.text))
}

function packageOf(root: Node): string {
  const clause = root.namedChildren.find(({ type }) => type === 'package_clause')
  return clause?.namedChildren.find(({ type }) => type === 'package_identifier')?.text ?? ''
}

/** Comments right above, without an empty line between, belong to what follows. */
function startWithComments(nodes: readonly Node[], at: number): number {
  let first = at
  while (first > 0) {
    const above = nodes[first - 1]
    const here = nodes[first]
    if (above?.type !== 'comment' || here === undefined) break
    if (here.startPosition.row - above.endPosition.row > 1) break
    const before = nodes[first - 2]
    // A comment behind code on the same line is that code's.
    if (before !== undefined && before.type !== 'comment' && before.endPosition.row === above.startPosition.row) break
    first -= 1
  }
  return nodes[first]?.startIndex ?? 0
}
