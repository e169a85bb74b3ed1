import { globSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import type Parser from 'tree-sitter'
import grammars from 'tree-sitter-typescript'
import { parse } from '../../src/languages/parse.ts'

/** One file of the project as the rules see it; paths relative to the project's root. */
export interface SourceFile {
  readonly path: string
  /** Files of the project that it imports, types included. */
  readonly imports: readonly string[]
  /** Packages and `node:` modules. */
  readonly packages: readonly string[]
  readonly readsEnvironment: boolean
}

/** All TypeScript of the project's own folders. */
export function readProject(root: string, folders: readonly string[]): SourceFile[] {
  const patterns = folders.map((folder) => join(folder, '**', '*.ts'))
  return globSync(patterns, { cwd: root }).map((path) => readSource(path, readFileSync(join(root, path), 'utf8')))
}

/** Imports, re-exports and `import()` of literals; `process.env` under any name it is spelt by. */
export function readSource(path: string, text: string): SourceFile {
  const root = parse(grammars.typescript, text)
  const nodes = root.descendantsOfType(['import_statement', 'export_statement', 'call_expression'])
  const sources = nodes.flatMap((node) => {
    if (node.type !== 'call_expression') return literal(node.childForFieldName('source'))
    const isImport = node.childForFieldName('function')?.type === 'import'
    return isImport ? literal(node.childForFieldName('arguments')?.namedChild(0) ?? null) : []
  })
  const members = root.descendantsOfType('member_expression').map((node) => node.text)
  return {
    path,
    imports: sources.filter((name) => name.startsWith('.')).map((name) => posix.join(dirname(path), name)),
    packages: sources.filter((name) => !name.startsWith('.')),
    readsEnvironment: members.some((member) => /^process\??\.env$/.test(member)),
  }
}

function literal(node: Parser.SyntaxNode | null): string[] {
  return node?.type === 'string' ? [node.text.slice(1, -1)] : []
}
