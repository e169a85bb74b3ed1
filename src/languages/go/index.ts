import grammar from 'tree-sitter-go'
import { type Node, parse } from '../parse.ts'
import type { Language } from '../types.ts'
import { symbolsOf } from './symbols.ts'
import { isTestFileRoot, testItemsOf } from './test-items.ts'

/** Go. Its tests stand in files of their own, so that mixed files are rare. */
export const go: Language = {
  name: 'go',
  extensions: ['.go'],
  testItems: (source) => testItemsOf(parse(grammar, source)),
  isTestFile: (source) => isTestFileRoot(parse(grammar, source)),
  imports: (source) => importsOf(parse(grammar, source)),
  symbols: (source) => symbolsOf(parse(grammar, source)),
}

function importsOf(root: Node): string[] {
  const specs = root.namedChildren
    .filter(({ type }) => type === 'import_declaration')
    .flatMap((declaration) => declaration.descendantsOfType('import_spec'))
  const paths = specs.map((spec) => spec.childForFieldName('path')?.text.slice(1, -1) ?? '')
  return [...new Set(paths.filter((path) => path !== ''))]
}
