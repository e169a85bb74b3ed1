/** A span of a file: [start, end) in UTF-16 code units of its text, as `String.slice` takes them. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** Something that a file defines under a name of its own. */
export interface CodeSymbol {
  /** With what holds it, outermost first: `Cart.total`, `cart::tests::rounds`. */
  readonly name: string
  readonly kind: 'function' | 'method' | 'type' | 'constant' | 'module'
  readonly span: Span
}

export interface Language {
  readonly name: string
  /** With the dot, lower case. */
  readonly extensions: readonly string[]
  /**
   * Spans of test items (a `describe` or `test` call, `if (import.meta.vitest)`, `#[cfg(test)] mod`, also inside a module of code), outermost, in order, never overlapping.
   * A span holds the item's own leading comments. Broken syntax throws nothing: what can be read is given.
   */
  testItems(source: string): readonly Span[]
  /** True where the file is nothing but tests and what they need: it has test items and exports nothing. */
  isTestFile(source: string): boolean
  /** Module specifiers that the file imports, requires or re-exports, each once, in order. */
  imports(source: string): readonly string[]
  /** Functions, methods, types, constants and modules that the file defines outside of function bodies, in order; broken syntax throws nothing. */
  symbols(source: string): readonly CodeSymbol[]
}
