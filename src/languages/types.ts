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

/** Braces that may hold test items: a module, an implementation. */
export interface Holder {
  /** With what holds it in turn: `mod uri > impl Path`. Two of one name are the same to a test. */
  readonly name: string
  /** What is between the braces. */
  readonly body: Span
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
  /**
   * What may hold test items beside the file itself, outer ones before inner ones; left out: the file alone. A language that has it does not mind in which
   * order the items of a holder stand.
   */
  holders?(source: string): readonly Holder[]
  /**
   * Its tests are named by modules, and any file may claim to be any module: what a candidate's patch adds of tests outside of test files is taken out, so that
   * none stands in for another. Left out: a test's file is a part of its name.
   */
  readonly namesTestsByModule?: true
  /**
   * True where whatever declares a file makes it a part of tests alone (`#[cfg(test)] mod tests;`); left out: no other file can say so. `read` gives the text of
   * a path from the root, or null.
   */
  isForTests?(path: string, read: (path: string) => Promise<string | null>): Promise<boolean>
}
