/** One member of a JSON object in a text: its value is the bytes [from, to). */
export interface Member {
  readonly key: string
  readonly from: number
  readonly to: number
}

const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const colon = 0x3a
const openBrace = 0x7b
const closeBrace = 0x7d
const openBracket = 0x5b
const closeBracket = 0x5d

/**
 * The members of the JSON object that starts at `at`, without parsing their values: packuments have 10 MB and thousands of
 * versions, which parsed at once take ten times that. Throws SyntaxError where it is no object; values are checked by whoever
 * parses them.
 */
export function* members(text: Buffer, at = 0): Generator<Member> {
  let position = expect(text, skipSpace(text, at), openBrace)
  position = skipSpace(text, position)
  while (text[position] !== closeBrace) {
    const keyEnd = skipString(text, position)
    const key: unknown = JSON.parse(text.toString('utf8', position, keyEnd))
    const from = skipSpace(text, expect(text, skipSpace(text, keyEnd), colon))
    const to = skipValue(text, from)
    yield { key: String(key), from, to }
    position = skipSpace(text, to)
    if (text[position] === comma) position = skipSpace(text, position + 1)
    else if (text[position] !== closeBrace) throw new SyntaxError(`no comma at ${position}`)
  }
}

export function parseMember(text: Buffer, member: Member): unknown {
  return JSON.parse(text.toString('utf8', member.from, member.to))
}

function expect(text: Buffer, position: number, byte: number): number {
  if (text[position] !== byte) throw new SyntaxError(`unexpected byte at ${position}`)
  return position + 1
}

function skipSpace(text: Buffer, from: number): number {
  let position = from
  // Space, tab, line feed, carriage return.
  while (text[position] === 0x20 || text[position] === 0x09 || text[position] === 0x0a || text[position] === 0x0d)
    position += 1
  return position
}

function skipString(text: Buffer, from: number): number {
  if (text[from] !== quote) throw new SyntaxError(`no string at ${from}`)
  let end = text.indexOf(quote, from + 1)
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf(quote, end + 1)
  if (end === -1) throw new SyntaxError('a string does not end')
  return end + 1
}

function isEscaped(text: Buffer, position: number): boolean {
  let backslashes = 0
  while (text[position - 1 - backslashes] === backslash) backslashes += 1
  return backslashes % 2 === 1
}

function skipValue(text: Buffer, from: number): number {
  if (text[from] === quote) return skipString(text, from)
  let depth = 0
  let position = from
  while (position < text.length) {
    const byte = text[position]
    if (byte === quote) {
      position = skipString(text, position)
      continue
    }
    if (depth === 0 && position > from && (byte === comma || byte === closeBrace || byte === closeBracket))
      return position
    if (byte === openBrace || byte === openBracket) depth += 1
    else if (byte === closeBrace || byte === closeBracket) {
      depth -= 1
      if (depth === 0) return position + 1
    }
    position += 1
  }
  throw new SyntaxError('a value does not end')
}
