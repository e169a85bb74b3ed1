import grammar from 'tree-sitter-ruby'
import { parse } from '../parse.ts'
import type { Language } from '../types.ts'
import { requiredBy } from './requires.ts'
import { symbolsOf } from './symbols.ts'
import { isTestFileRoot, testItemsOf } from './test-items.ts'

/** Ruby, with the tests of minitest, test-unit and RSpec. */
export const ruby: Language = {
  name: 'ruby',
  extensions: ['.rb', '.rake'],
  testItems: (source) => testItemsOf(parse(grammar, source)),
  isTestFile: (source) => isTestFileRoot(parse(grammar, source)),
  imports: (source) => requiredBy(parse(grammar, source)),
  symbols: (source) => symbolsOf(parse(grammar, source)),
}
