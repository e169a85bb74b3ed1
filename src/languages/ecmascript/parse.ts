import Parser from 'tree-sitter'

export type Node = Parser.SyntaxNode
export type Grammar = Parser.Language

const parsers = new Map<Grammar, Parser>()
/** The last parsed text: `testItems`, `isTestFile` and `imports` are asked of the same file one after the other. */
let last: { readonly grammar: Grammar; readonly source: string; readonly root: Node } | null = null

/** The root of the syntax tree. The text is handed over in pieces: some versions of tree-sitter take 32k characters at most at once. */
export function parse(grammar: Grammar, source: string): Node {
  if (last?.grammar === grammar && last.source === source) return last.root
  const root = parserOf(grammar).parse((index) => source.slice(index, index + 16_384)).rootNode
  last = { grammar, source, root }
  return root
}

function parserOf(grammar: Grammar): Parser {
  const known = parsers.get(grammar)
  if (known !== undefined) return known
  const parser = new Parser()
  parser.setLanguage(grammar)
  parsers.set(grammar, parser)
  return parser
}
