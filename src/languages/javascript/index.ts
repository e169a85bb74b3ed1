import grammar from 'tree-sitter-javascript'
import { ecmascript } from '../ecmascript/index.ts'

/** Plain JavaScript, JSX with it, as the grammar knows both. */
export const javascript = ecmascript('javascript', ['.js', '.mjs', '.cjs', '.jsx'], grammar)
