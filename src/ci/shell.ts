/** One simple command of a shell text: `NODE_ENV=test mocha "test/a b.js"`. */
export interface SimpleCommand {
  readonly words: readonly string[]
  /** `NAME=value` before the first word. */
  readonly assignments: Readonly<Record<string, string>>
  /** What stands before it: `||` means it only runs where the one before failed. */
  readonly after: 'start' | 'and' | 'or' | 'then' | 'pipe'
  /** It needs a shell: redirections, pipes, substitutions or unquoted variables. */
  readonly shell: boolean
  /** As written, for running it in a shell. */
  readonly text: string
  /** How many parentheses it stands in: a subshell's `cd` ends with it. */
  readonly nesting: number
  /** The shell function whose body it stands in. */
  readonly within: string | null
}

interface Word {
  readonly kind: 'word'
  readonly value: string
  readonly quoted: boolean
  readonly substitution: boolean
}
interface Operator {
  readonly kind: 'operator'
  readonly value: string
}
type Token = (Word | Operator) & { readonly start: number; readonly end: number }

const operators = [
  '&&',
  '||',
  '>>',
  '2>&1',
  '2>',
  '>&',
  '&>',
  '<<<',
  '<<-',
  '<<',
  ';',
  '|',
  '&',
  '>',
  '<',
  '(',
  ')',
  '\n',
] as const
const redirections = new Set(['>>', '2>', '>&', '&>', '>', '<<<', '<<-', '<<', '<'])
/** Reserved words that may stand before a command, and those that are none of their own. */
const before = new Set(['then', 'do', 'else', '!', '{', 'if', 'elif', 'while', 'exec', 'time'])
const alone = new Set(['fi', 'done', '}', 'esac', 'for', 'case', 'select'])

/**
 * Splits POSIX shell text into its simple commands, in order. Control structures are flattened; what only runs after a
 * failure keeps `after: 'or'`, so that the reader can leave it out.
 */
export function splitShell(text: string): SimpleCommand[] {
  const commands: SimpleCommand[] = []
  let after: SimpleCommand['after'] = 'start'
  let current: Token[] = []
  const place = new Place()
  const flush = (next: SimpleCommand['after'], piped: boolean): void => {
    const command = simpleCommand(text, current, after, piped)
    if (command !== null) commands.push({ ...command, nesting: place.nesting, within: place.body })
    current = []
    after = next
  }
  const tokens = tokenize(text)
  for (const [index, token] of tokens.entries()) {
    if (place.isDefinition(tokens, index, current)) current = []
    else if (token.kind === 'word' || redirections.has(token.value) || token.value === '2>&1') {
      if (current.length === 0 && token.value === '}') place.brace(token.value)
      current.push(token)
      if (current.length === 1 && token.value === '{') place.brace(token.value)
    } else if (token.value === '&&') flush('and', false)
    else if (token.value === '||') flush('or', false)
    else if (token.value === '|') flush('pipe', true)
    else {
      // A closing parenthesis that none opened ends a pattern of `case`, which is no command.
      if (token.value === ')' && place.nesting === 0) current = []
      flush(current.length === 0 ? after : 'then', false)
      place.parenthesis(token.value)
    }
  }
  flush('then', false)
  return commands
}

/** Where in the nesting of parentheses and function bodies the splitting is. */
class Place {
  nesting = 0
  body: string | null = null
  private braces = 0
  private skip = 0

  parenthesis(value: string): void {
    if (value === '(') this.nesting += 1
    if (value === ')') this.nesting = Math.max(0, this.nesting - 1)
  }

  brace(value: string): void {
    if (this.body === null) return
    this.braces += value === '{' ? 1 : -1
    if (this.braces <= 0) this.body = null
  }

  /** True for the parentheses of `name ( )`, which starts a function's body. */
  isDefinition(tokens: readonly Token[], index: number, current: readonly Token[]): boolean {
    if (this.skip > 0) {
      this.skip -= 1
      return true
    }
    const [open, close, next, beyond] = tokens.slice(index, index + 4)
    const body = next?.value === '\n' ? beyond : next
    const name = current.at(-1)
    if (open?.value !== '(' || close?.value !== ')' || body?.value !== '{' || name?.kind !== 'word') return false
    if (this.body === null) [this.body, this.braces] = [name.value, 0]
    this.skip = 1
    return true
  }
}

function simpleCommand(
  text: string,
  tokens: readonly Token[],
  after: SimpleCommand['after'],
  piped: boolean,
): Omit<SimpleCommand, 'nesting' | 'within'> | null {
  const words: string[] = []
  const assignments: Record<string, string> = {}
  let shell = piped || after === 'pipe'
  let skipNext = false
  let start: number | null = null
  for (const token of tokens) {
    if (token.kind === 'operator') {
      shell = true
      skipNext = token.value !== '2>&1'
      continue
    }
    if (skipNext) {
      skipNext = false
      continue
    }
    if (words.length === 0 && before.has(token.value)) continue
    if (words.length === 0 && alone.has(token.value)) return null
    start ??= token.start
    if (token.substitution) shell = true
    const assignment = words.length === 0 ? /^([A-Za-z_]\w*)=(.*)$/s.exec(token.value) : null
    if (assignment?.[1] !== undefined) assignments[assignment[1]] = assignment[2] ?? ''
    else words.push(token.quoted ? token.value : token.value.replaceAll(/\*{2,}/g, '*'))
  }
  const last = tokens.at(-1)
  if (last === undefined || start === null) return null
  return { words, assignments, after, shell, text: text.slice(start, last.end) }
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  const documents: { readonly ends: string; readonly tabs: boolean }[] = []
  let at = 0
  while (at < text.length) {
    if (/[ \t\r]/.test(text[at] ?? '')) at += 1
    else if (text.startsWith('\\\n', at)) at += 2
    else if (text[at] === '#') at = lineEnd(text, at)
    else {
      const token = readToken(text, at)
      const last = tokens.at(-1)
      if (token.kind === 'word' && (last?.value === '<<' || last?.value === '<<-') && last.kind === 'operator')
        documents.push({ ends: token.value, tabs: last.value === '<<-' })
      tokens.push(token)
      at = token.end
      if (token.value === '\n') for (const document of documents.splice(0)) at = afterDocument(text, at, document)
    }
  }
  return tokens
}

function readToken(text: string, at: number): Token {
  const operator = operators.find((candidate) => text.startsWith(candidate, at))
  return operator === undefined
    ? readWord(text, at)
    : { kind: 'operator', value: operator, start: at, end: at + operator.length }
}

/** The index behind a here-document that starts at `from`: its text is no command. */
function afterDocument(text: string, from: number, { ends, tabs }: { ends: string; tabs: boolean }): number {
  for (let at = from; at < text.length; ) {
    const end = lineEnd(text, at)
    const line = text.slice(at, end)
    at = end + 1
    if ((tabs ? line.replace(/^\t+/, '') : line) === ends) return at
  }
  return text.length
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  return end === -1 ? text.length : end
}

/** One word with its quotes taken off. An unquoted `**` has no meaning of its own in sh; see `simpleCommand`. */
function readWord(text: string, from: number): Token {
  let value = ''
  let quoted = false
  let substitution = false
  let at = from
  while (at < text.length && !/[\s;|&<>()]/.test(text[at] ?? '')) {
    const char = text[at] ?? ''
    if (char === '\\') {
      value += text[at + 1] === '\n' ? '' : (text[at + 1] ?? '')
      at += 2
    } else if (char === "'") {
      const end = closing(text, at)
      value += text.slice(at + 1, end)
      quoted = true
      at = end + 1
    } else if (char === '"') {
      const end = closing(text, at)
      const inner = text.slice(at + 1, end)
      value += inner.replaceAll(/\\(["\\$`])/g, '$1')
      if (/(?<!\\)[$`]/.test(inner)) substitution = true
      quoted = true
      at = end + 1
    } else if (char === '$' || char === '`') {
      const end = substitutionEnd(text, at)
      value += text.slice(at, end)
      substitution = true
      at = end
    } else {
      value += char
      at += 1
    }
  }
  return { kind: 'word', value, quoted, substitution, start: from, end: Math.max(at, from + 1) }
}

/** The index of the quote that closes the one at `at`; the text's end where it is never closed. */
function closing(text: string, at: number): number {
  const quote = text[at]
  for (let index = at + 1; index < text.length; index += 1) {
    if (quote === '"' && text[index] === '\\') index += 1
    else if (text[index] === quote) return index
  }
  return text.length
}

function substitutionEnd(text: string, at: number): number {
  if (text[at] === '`') {
    const end = text.indexOf('`', at + 1)
    return end === -1 ? text.length : end + 1
  }
  const [open, close] = text[at + 1] === '(' ? ['(', ')'] : text[at + 1] === '{' ? ['{', '}'] : [null, null]
  if (open === null) return at + (/^\$\w*/.exec(text.slice(at))?.[0].length ?? 1)
  let depth = 0
  for (let index = at + 1; index < text.length; index += 1) {
    if (text[index] === open) depth += 1
    if (text[index] === close) depth -= 1
    if (depth === 0) return index + 1
  }
  return text.length
}
