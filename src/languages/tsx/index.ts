import grammars from 'tree-sitter-typescript'
import { ecmascript } from '../ecmascript/index.ts'

/** A grammar of its own: `<T>x` is a cast in TypeScript and an element in TSX. */
export const tsx = ecmascript('tsx', ['.tsx'], grammars.tsx)
