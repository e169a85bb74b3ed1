import Parser from 'tree-sitter'

export type Node = Parser.SyntaxNode
/** As the grammars' packages declare themselves: what is native is unknown to them. */
export interface Grammar {
  readonly language: unknown
}

const parsers = new Map<Grammar, Parser>()
/** The last parsed text: `testItems`, `isTestFile` and `imports` are asked of the same file one after the other. */
let last: { readonly grammar: Grammar; readonly source: string; readonly root: Node } | null = null

/** The root of the syntax tree. The text is handed over in pieces: some versions of tree-sitter take 32k characters at most at once. */
export function parse(grammar: Grammar, source: string): Node {
  if (last?.grammar === grammar && last.source === source) return last.root
  makeRoom(source.length)
  const root = parserOf(grammar).parse((index) => source.slice(index, index + 16_384)).rootNode
  last = { grammar, source, root }
  return root
}

let parsedSinceCollection = 0

/**
 * A tree takes a hundred times its text, in memory that V8 knows nothing of: it would let hundreds of megabytes of trees pile up that
 * nobody holds any more. So it is told to look (where node was started with `--expose-gc`).
 */
function makeRoom(characters: number): void {
  parsedSinceCollection += characters
  if (parsedSinceCollection < 200_000) return
  parsedSinceCollection = 0
  globalThis.gc?.({ type: 'minor' })
}

function parserOf(grammar: Grammar): Parser {
  const known = parsers.get(grammar)
  if (known !== undefined) return known
  const parser = new Parser()
  if (!isNative(grammar)) throw new TypeError('the grammar has no native part')
  parser.setLanguage(grammar)
  parsers.set(grammar, parser)
  return parser
}

/** The parser's own check comes when the grammar is set, and throws where their versions do not match. */
function isNative(grammar: Grammar): grammar is Grammar & Parser.Language {
  return typeof grammar.language === 'object' && grammar.language !== null
}
