/** A command line cut at its first positional word. */
export interface SplitOptions {
  /** Options before it, values joined: `['--reporter', 'text']` reads `--reporter=text`. */
  readonly options: readonly string[]
  /** The first positional word and everything after it. */
  readonly rest: readonly string[]
}

/**
 * Splits off the options that stand before the first positional word. `valued` names the options that take the next
 * word as their value; a bare `--` ends them.
 */
export function splitOptions(words: readonly string[], valued: ReadonlySet<string>): SplitOptions {
  const options: string[] = []
  let at = 0
  while (at < words.length) {
    const word = words[at] ?? ''
    if (word === '--') return { options, rest: words.slice(at + 1) }
    if (!word.startsWith('-') || word === '-') break
    if (valued.has(word) && at + 1 < words.length) {
      options.push(`${word}=${words[at + 1] ?? ''}`)
      at += 2
    } else {
      options.push(word)
      at += 1
    }
  }
  return { options, rest: words.slice(at) }
}

/** The values that options of these names have, as `splitOptions` joined them. */
export function valuesOf(options: readonly string[], ...names: readonly string[]): string[] {
  return options.flatMap((option) => {
    const cut = option.indexOf('=')
    return cut > 0 && names.includes(option.slice(0, cut)) ? [option.slice(cut + 1)] : []
  })
}
