/** A span of a file, in bytes of its UTF-8 text: [start, end). */
export interface Span { readonly start: number; readonly end: number }

export interface Language {
  readonly name: string
  readonly extensions: readonly string[]
  /** Spans of test items (a `describe` or `test` call, `if (import.meta.vitest)`, `#[cfg(test)] mod`), outermost, with their leading comments, in order. */
  testItems(source: string): readonly Span[]
  /** True where the file is nothing but tests and what they need. */
  isTestFile(source: string): boolean
  /** Module specifiers that the file imports, requires or re-exports. */
  imports(source: string): readonly string[]
}
