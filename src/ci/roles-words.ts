/** What a command of a step is there for. */
export type Role =
  | 'test'
  | 'lint'
  | 'document'
  | 'publish'
  | 'measure'
  | 'install'
  | 'build'
  | 'clean'
  | 'idle'
  | 'other'

/** Judges by what stands behind a program's name. */
export type RoleOf = (words: readonly string[]) => Role

/** The word at this place among those that are no options; `` where there is none. */
export function wordOf(words: readonly string[], index: number): string {
  return words.filter((word) => !word.startsWith('-') && !word.startsWith('+'))[index] ?? ''
}

const names: readonly (readonly [RegExp, Role])[] = [
  [/lint|fmt|format|vet\b|style|mypy|typecheck|type-check|typing|flake|clippy|audit|spell/i, 'lint'],
  [/bench|cover(?:age)?-?report|upload/i, 'measure'],
  [/publish|release|deploy|dist\b|sdist|wheel/i, 'publish'],
  [/docs?\b|site\b|readme/i, 'document'],
  [/tests?(?:\b|_)|_tests?\b|^check$|\bcheck$|spec\b|unit|coverage|^cov$|\bci$|[a-z]Test$/, 'test'],
  [/install|deps|dependencies|init|setup|bootstrap|develop|\benv$|venv|tools?\b|get\b/i, 'install'],
  [/build|compile|generate|\bgen\b|^all$|proto|assets/i, 'build'],
  [/clean/i, 'clean'],
]

/** By convention, what a target, task or script of this name does; null: its name does not say. */
export function namedRole(name: string): Role | null {
  const last = name.split('/').at(-1) ?? ''
  return names.find(([pattern]) => pattern.test(last))?.[1] ?? (/(?:^|\/)tests?\//.test(name) ? 'test' : null)
}
