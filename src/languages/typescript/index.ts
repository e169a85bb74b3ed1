import grammars from 'tree-sitter-typescript'
import { ecmascript } from '../ecmascript/index.ts'

export const typescript = ecmascript('typescript', ['.ts', '.mts', '.cts'], grammars.typescript)
