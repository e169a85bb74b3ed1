type Variables = Readonly<Record<string, string>>

/**
 * Puts known variables into a piece of shell text: `$NAME`, `${NAME}`, `${NAME:-else}`, `"$@"`. What nobody knows stays. A value that
 * stands outside of quotes is split at blanks as a shell would, and its other characters mean nothing.
 */
export function expandVariables(text: string, variables: Variables, positional: readonly string[] = []): string {
  let result = ''
  let quote: '"' | "'" | null = null
  for (let at = 0; at < text.length; ) {
    const char = text[at] ?? ''
    if (char === '\\' && quote !== "'") {
      result += text.slice(at, at + 2)
      at += 2
    } else if ((char === "'" && quote !== '"') || (char === '"' && quote !== "'")) {
      const every = char === '"' && quote === null ? /^"\$(?:@|\{@\})"/.exec(text.slice(at, at + 8))?.[0] : undefined
      if (every !== undefined) result += positional.map(quoted).join(' ')
      else quote = quote === null ? char : null
      if (every === undefined) result += char
      at += every?.length ?? 1
    } else if (char === '$' && quote !== "'") {
      const reference = referenceAt(text, at)
      const value = reference === null ? null : valueIn(reference, variables, positional)
      const length = reference?.length ?? 1
      result +=
        value === null
          ? text.slice(at, at + length)
          : quote === null
            ? bare(value)
            : value.replaceAll(/["\\$`]/g, '\\$&')
      at += length
    } else {
      result += char
      at += 1
    }
  }
  return result
}

interface Reference {
  readonly name: string
  readonly fallback: string | null
  readonly length: number
}

function referenceAt(text: string, at: number): Reference | null {
  const piece = text.slice(at, at + 300)
  const plain = /^\$(?:([A-Za-z_]\w*|[\d@*])|\{([A-Za-z_]\w*|\d+|[@*])\})/.exec(piece)
  if (plain !== null) return { name: plain[1] ?? plain[2] ?? '', fallback: null, length: plain[0].length }
  const other = /^\$\{([A-Za-z_]\w*|\d+):?[-=]([^{}$]*)\}/.exec(piece)
  return other === null ? null : { name: other[1] ?? '', fallback: other[2] ?? '', length: other[0].length }
}

function valueIn({ name, fallback }: Reference, variables: Variables, positional: readonly string[]): string | null {
  if (name === '@' || name === '*') return positional.join(' ')
  if (/^\d+$/.test(name)) return positional[Number(name) - 1] ?? fallback ?? (positional.length > 0 ? '' : null)
  const known = Object.hasOwn(variables, name) ? variables[name] : undefined
  return known === undefined || (known === '' && fallback !== null) ? fallback : known
}

function bare(value: string): string {
  return value.replaceAll(/[;|&<>()"'\\$`#]/g, '\\$&')
}

/** A word as shell text that reads as this word. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./*-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
