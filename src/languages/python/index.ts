import grammar from 'tree-sitter-python'
import { parse } from '../parse.ts'
import type { Language } from '../types.ts'
import { importedModules } from './modules.ts'
import { symbolsOf } from './symbols.ts'
import { isTestFileRoot, testItemsOf } from './test-items.ts'

export const python: Language = {
  name: 'python',
  extensions: ['.py', '.pyi'],
  testItems: (source) => testItemsOf(parse(grammar, source)),
  isTestFile: (source) => isTestFileRoot(parse(grammar, source)),
  imports: (source) => importedModules(parse(grammar, source)),
  symbols: (source) => symbolsOf(parse(grammar, source)),
}
