/** A span of a file: [start, end) in UTF-16 code units of its text, as `String.slice` takes them. */
export interface Span {
  readonly start: number
  readonly end: number
}

export interface Language {
  readonly name: string
  /** With the dot, lower case. */
  readonly extensions: readonly string[]
  /**
   * Spans of test items (a `describe` or `test` call, `if (import.meta.vitest)`, `#[cfg(test)] mod`), outermost, in order, never overlapping.
   * A span holds the item's own leading comments. Broken syntax throws nothing: what can be read is given.
   */
  testItems(source: string): readonly Span[]
  /** True where the file is nothing but tests and what they need: it has test items and exports nothing. */
  isTestFile(source: string): boolean
  /** Module specifiers that the file imports, requires or re-exports, each once, in order. */
  imports(source: string): readonly string[]
}
