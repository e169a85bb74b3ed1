/** What a go.mod says that matters to how it is built. */
export interface GoMod {
  readonly module: string | null
  /** The `go` line: `1.22`, `1.22.3`; null: none. */
  readonly go: string | null
  /** The `toolchain` line without its `go`: `1.22.3`; null: none, or `default`. */
  readonly toolchain: string | null
  readonly requires: readonly { readonly name: string; readonly version: string }[]
  /** Folders that stand in for modules, relative to this go.mod's. */
  readonly localReplacements: readonly string[]
}

/** Broken lines are passed over: `go` itself says what it thinks of them. */
export function readGoMod(text: string): GoMod {
  let [module, go, toolchain] = [null, null, null] as (string | null)[]
  const requires: { name: string; version: string }[] = []
  const localReplacements: string[] = []
  for (const words of directives(text)) {
    const [verb, first = '', ...others] = words
    if (verb === 'module') module ??= first
    if (verb === 'go') go ??= first
    if (verb === 'toolchain') toolchain ??= /^go(?<version>1\.[\w.]+)/.exec(first)?.groups?.version ?? null
    if (verb === 'require' && others[0] !== undefined) requires.push({ name: first, version: others[0] })
    const target = verb === 'replace' ? (others[others.indexOf('=>') + 1] ?? '') : ''
    if (/^\.{1,2}\//.test(target) || target === '.' || target === '..') localReplacements.push(target)
  }
  return { module: module ?? null, go: go ?? null, toolchain: toolchain ?? null, requires, localReplacements }
}

/** The folders that a go.work uses, relative to it. */
export function readGoWork(text: string): readonly string[] {
  return directives(text).flatMap(([verb, folder]) => (verb === 'use' && folder !== undefined ? [folder] : []))
}

/** Each directive with its words; blocks taken apart. */
function directives(text: string): string[][] {
  const found: string[][] = []
  let block: string | null = null
  for (const raw of text.split(/\r?\n/)) {
    const words = raw
      .replace(/\/\/.*$/, '')
      .trim()
      .split(/\s+/)
      .map((word) => word.replace(/^(["`])(.*)\1$/, '$2'))
    if (words[0] === '') continue
    if (block !== null) {
      if (words[0] === ')') block = null
      else found.push([block, ...words])
    } else if (words[1] === '(') block = words[0] ?? null
    else found.push(words)
  }
  return found
}
