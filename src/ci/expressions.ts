import { isRecord, scalar } from './values.ts'

/** What a name stands for: `['matrix', 'python']`; undefined: nobody can know before it runs. */
export type Scope = (path: readonly string[]) => unknown

type Token = { readonly kind: 'text' | 'number' | 'name' | 'sign'; readonly value: string }

const pattern = /\s*(?:'((?:[^']|'')*)'|(-?\d+(?:\.\d+)?)|([A-Za-z_][\w-]*)|(\|\||&&|==|!=|<=|>=|[!<>()[\].,*]))/y
const longest = 2000
const deepest = 40

/** The value of one of GitHub's expressions (what stands between `${{` and `}}`), or undefined where it can't be known or read. */
export function evaluate(source: string, scope: Scope): unknown {
  const tokens = tokensOf(source)
  if (tokens === null) return undefined
  const reader = new Reader(tokens, scope)
  const value = reader.either()
  return reader.ended ? value : undefined
}

/** Puts the values of a text's expressions in; those that can't be known stay as they are. */
export function interpolate(text: string, scope: Scope): string {
  return text.replaceAll(/\$\{\{(.*?)\}\}/gs, (whole, source: string) => {
    const value = evaluate(source, scope)
    return value === undefined ? whole : (scalar(value) ?? '')
  })
}

/** A text with all its expressions known, or null. */
export function filled(text: string, scope: Scope): string | null {
  const result = interpolate(text, scope)
  return result.includes('${{') ? null : result
}

/** A value of a workflow with its expressions worked out: one that is nothing but an expression keeps its type. */
export function resolved(value: unknown, scope: Scope): unknown {
  if (typeof value !== 'string') return value
  const whole = /^\s*\$\{\{((?:(?!\}\}).)*)\}\}\s*$/s.exec(value)?.[1]
  return whole === undefined ? (filled(value, scope) ?? undefined) : evaluate(whole, scope)
}

/** True where a condition (`if: matrix.os == 'macos'`) is known not to hold. */
export function isNever(condition: unknown, scope: Scope): boolean {
  if (typeof condition === 'boolean') return !condition
  if (typeof condition !== 'string') return false
  const inner = /^\s*\$\{\{(.*)\}\}\s*$/s.exec(condition)?.[1] ?? condition
  const value = evaluate(inner, scope)
  return value !== undefined && !truthy(value)
}

function tokensOf(source: string): Token[] | null {
  if (source.length > longest) return null
  const tokens: Token[] = []
  pattern.lastIndex = 0
  while (pattern.lastIndex < source.trimEnd().length) {
    const found = pattern.exec(source)
    if (found === null) return null
    const [, text, number, name, sign] = found
    if (text !== undefined) tokens.push({ kind: 'text', value: text.replaceAll("''", "'") })
    else if (number !== undefined) tokens.push({ kind: 'number', value: number })
    else if (name !== undefined) tokens.push({ kind: 'name', value: name })
    else tokens.push({ kind: 'sign', value: sign ?? '' })
  }
  return tokens
}

function truthy(value: unknown): boolean {
  return value !== null && value !== false && value !== 0 && value !== ''
}

/** GitHub compares texts without their case, and different types as numbers. */
function same(left: unknown, right: unknown): boolean {
  if (typeof left === 'string' && typeof right === 'string') return left.toLowerCase() === right.toLowerCase()
  return left === right || Number(left ?? '') === Number(right ?? '')
}

/** Recursive descent; a value that is undefined is not known. */
class Reader {
  private at = 0
  private depth = 0
  private readonly tokens: readonly Token[]
  private readonly scope: Scope

  constructor(tokens: readonly Token[], scope: Scope) {
    this.tokens = tokens
    this.scope = scope
  }

  get ended(): boolean {
    return this.at >= this.tokens.length
  }

  either(): unknown {
    this.depth += 1
    let left = this.depth > deepest ? undefined : this.both()
    while (this.takes('||')) {
      const right = this.both()
      // Not known or falsy: a fallback that says something is taken as the likely value.
      if (left === undefined) left = truthy(right) && right !== undefined ? right : undefined
      else if (!truthy(left)) left = right
    }
    this.depth -= 1
    return left
  }

  private both(): unknown {
    let left = this.equal()
    while (this.takes('&&')) {
      const right = this.equal()
      if (left === undefined) left = right !== undefined && !truthy(right) ? right : undefined
      else if (truthy(left)) left = right
    }
    return left
  }

  private equal(): unknown {
    const left = this.one()
    for (const sign of ['==', '!=', '<=', '>=', '<', '>'] as const) {
      if (!this.takes(sign)) continue
      const right = this.one()
      return left === undefined || right === undefined ? undefined : compare(sign, left, right)
    }
    return left
  }

  private one(): unknown {
    if (this.takes('!')) {
      const value = this.depth > deepest ? undefined : this.one()
      return value === undefined ? undefined : !truthy(value)
    }
    if (this.takes('(')) {
      const value = this.either()
      return this.takes(')') ? value : undefined
    }
    const token = this.tokens[this.at]
    if (token === undefined || token.kind === 'sign') return undefined
    this.at += 1
    if (token.kind === 'text') return token.value
    if (token.kind === 'number') return Number(token.value)
    return this.takes('(') ? this.call(token.value) : this.named(token.value)
  }

  private named(first: string): unknown {
    if (first === 'true' || first === 'false') return first === 'true'
    if (first === 'null') return null
    const path = [first]
    for (;;) {
      if (this.takes('.')) path.push(this.tokens[this.at++]?.value ?? '')
      else if (this.takes('[')) {
        path.push(scalar(this.either()) ?? '')
        if (!this.takes(']')) return undefined
      } else return this.scope(path)
    }
  }

  private call(name: string): unknown {
    const given: unknown[] = []
    while (!this.takes(')')) {
      if (this.ended) return undefined
      const before = this.at
      given.push(this.either())
      this.takes(',')
      if (this.at === before) return undefined
    }
    return called(name.toLowerCase(), given)
  }

  private takes(sign: string): boolean {
    const token = this.tokens[this.at]
    if (token?.kind !== 'sign' || token.value !== sign) return false
    this.at += 1
    return true
  }
}

function compare(sign: string, left: unknown, right: unknown): boolean {
  if (sign === '==') return same(left, right)
  if (sign === '!=') return !same(left, right)
  const [a, b] = [Number(left), Number(right)]
  return sign === '<' ? a < b : sign === '>' ? a > b : sign === '<=' ? a <= b : a >= b
}

function called(name: string, given: readonly unknown[]): unknown {
  if (name === 'success' || name === 'always') return true
  if (name === 'failure' || name === 'cancelled') return false
  if (given.includes(undefined)) return undefined
  const [first, second] = given
  const [text, other] = [(scalar(first) ?? '').toLowerCase(), (scalar(second) ?? '').toLowerCase()]
  if (name === 'startswith') return text.startsWith(other)
  if (name === 'endswith') return text.endsWith(other)
  if (name === 'contains') return Array.isArray(first) ? first.some((each) => same(each, second)) : text.includes(other)
  if (name === 'fromjson') return fromJson(scalar(first) ?? '')
  if (name === 'tojson') return JSON.stringify(first)
  if (name === 'join') return Array.isArray(first) ? first.join(scalar(second) ?? ',') : first
  if (name === 'format')
    return (scalar(first) ?? '').replaceAll(/\{(\d+)\}/g, (_, index: string) => scalar(given[Number(index) + 1]) ?? '')
  return undefined
}

function fromJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return value
  } catch {
    return undefined
  }
}

/** What stands at a path inside a value; null where there is nothing, as in GitHub's own expressions. */
export function inside(value: unknown, path: readonly string[]): unknown {
  let held = value
  for (const key of path) {
    if (held === undefined) return undefined
    held = isRecord(held) && Object.hasOwn(held, key) ? held[key] : null
  }
  return held
}
