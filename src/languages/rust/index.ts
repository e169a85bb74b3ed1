import grammar from 'tree-sitter-rust'
import { parse } from '../parse.ts'
import type { Language } from '../types.ts'
import { isDeclaredForTests } from './declared.ts'
import { holdersOf } from './holders.ts'
import { modulesOf, usesOf } from './modules.ts'
import { symbolsOf } from './symbols.ts'
import { isTestFileRoot, testItemsOf } from './test-items.ts'

export const rust: Language = {
  name: 'rust',
  extensions: ['.rs'],
  namesTestsByModule: true,
  testItems: (source) => testItemsOf(parse(grammar, source)),
  isTestFile: (source) => isTestFileRoot(parse(grammar, source)),
  imports: (source) => {
    const root = parse(grammar, source)
    return [...new Set([...modulesOf(root).map(({ file }) => file), ...usesOf(root)])]
  },
  symbols: (source) => symbolsOf(parse(grammar, source)),
  holders: (source) => holdersOf(parse(grammar, source)),
  isForTests: (path, read) => isDeclaredForTests(path, read, (source) => modulesOf(parse(grammar, source))),
}
