import { type Grammar, parse } from '../parse.ts'
import type { Language } from '../types.ts'
import { specifiersOf } from './modules.ts'
import { symbolsOf } from './symbols.ts'
import { isTestFileRoot, testItemsOf } from './test-items.ts'

/** JavaScript and what grew out of it share their test frameworks and modules; only the grammar differs. */
export function ecmascript(name: string, extensions: readonly string[], grammar: Grammar): Language {
  return {
    name,
    extensions,
    testItems: (source) => testItemsOf(parse(grammar, source)),
    isTestFile: (source) => isTestFileRoot(parse(grammar, source)),
    imports: (source) => specifiersOf(parse(grammar, source)),
    symbols: (source) => symbolsOf(parse(grammar, source)),
  }
}
