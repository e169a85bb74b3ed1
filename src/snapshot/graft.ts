import type { Language, Span } from '../languages/index.ts'
import { placesByHolder } from './holder-places.ts'

/** A file taken apart: its code alone, and its test items with the place in that code where each stood. */
interface Parted {
  readonly code: string
  readonly items: readonly { readonly text: string; readonly at: number }[]
}

/**
 * `code`'s file with `tests`' test items in place of its own. Where both have the same code, the result is `tests` to the
 * byte. An item whose surroundings changed goes to the end of the file, where all that it may need is defined; one inside a module to where that
 * module has it.
 */
export function graftTests(language: Language, code: string, tests: string): string {
  const [host, donor] = evenlyEnded(part(code, language.testItems(code)), part(tests, language.testItems(tests)))
  if (host.code === donor.code) return tests
  if (itemTexts(host) === itemTexts(donor)) return code
  let result = ''
  let from = 0
  for (const item of placed(language, donor, host)) {
    result = joinLines(result, host.code.slice(from, item.at), item.text)
    from = item.at
  }
  return result + (from < host.code.length ? lineBreakAfter(result) + host.code.slice(from) : '')
}

function itemTexts(parted: Parted): string {
  return JSON.stringify(parted.items.map((item) => item.text.trim()))
}

function part(source: string, spans: readonly Span[]): Parted {
  const items: { text: string; at: number }[] = []
  let code = ''
  let from = 0
  for (const span of spans) {
    const { start, end } = wholeLines(source, span, from)
    code += source.slice(from, start)
    items.push({ text: source.slice(start, end), at: code.length })
    from = end
  }
  return { code: code + source.slice(from), items }
}

/** The blank lines above and the rest of the last line belong to the item, so that taking it out leaves no gap. */
function wholeLines(source: string, span: Span, floor: number): Span {
  const above = /(?:^|\n)((?:[ \t\r]*\n)*[ \t]*)$/.exec(source.slice(floor, span.start))
  const below = /^[ \t;]*(?:\/\/[^\n]*)?(?:\n|$)/.exec(source.slice(span.end))
  const start = above?.[1] === undefined ? span.start : span.start - above[1].length
  return { start, end: span.end + (below?.[0].length ?? 0) }
}

/** A file that ends in blank lines has them in its code; above an item at the end of the other one, as many are the code's, too. */
function evenlyEnded(one: Parted, other: Parted): [Parted, Parted] {
  return [withBlankEnd(one, other.code), withBlankEnd(other, one.code)]
}

function withBlankEnd({ code, items }: Parted, other: string): Parted {
  const missing = blankEnd(other).length - blankEnd(code).length
  const last = items.at(-1)
  if (last === undefined || missing <= 0 || last.at !== code.length || !code.endsWith('\n')) return { code, items }
  const lent = leadOf(last.text).slice(0, missing)
  const shorter = { text: last.text.slice(lent.length), at: code.length + lent.length }
  return { code: code + lent, items: [...items.slice(0, -1), shorter] }
}

function blankEnd(code: string): string {
  return /\n*$/.exec(code)?.[0] ?? ''
}

/**
 * Where the donor's items go in the host's code: where the host has the same item, by its text or else by its first line; for others, see above.
 */
function placed(language: Language, donor: Parted, host: Parted): { text: string; at: number }[] {
  const { code } = host
  const head = commonHead(donor.code, code)
  const tail = commonTail(donor.code, code)
  const near = language.holders === undefined ? null : placesByHolder(language.holders, donor.code, code)
  const twins = twinsOf(donor, host)
  let floor = 0
  const places = donor.items.map(({ text, at }, index) => {
    const behind = code.length - (donor.code.length - at)
    const unmoved = [...(at <= head ? [at] : []), ...(behind >= code.length - tail ? [behind] : [])]
    const twin = twins[index]
    // Where something new stands right here, either side of it may be meant: the neighbours tell.
    const isAsBefore = (where: number) => isBlankAt(code, where) === isBlankAt(donor.code, at)
    const fitting = near === null ? unmoved : unmoved.filter(isAsBefore)
    const same = [...(twin === undefined ? [] : [twin.at]), ...fitting.filter((where) => isLineStart(code, where))]
    const place = near === null ? (same[0] ?? code.length) : near(at, same)
    // Statements keep their order; where items stand in no order, each goes where it belongs.
    floor = near === null ? Math.max(floor, place) : place
    return { text: twin === undefined ? text : leadOf(twin.text) + text.slice(leadOf(text).length), at: floor }
  })
  return places.toSorted((a, b) => a.at - b.at)
}

/** For each of the donor's items the host's that it is another version of, if there is one. */
function twinsOf(donor: Parted, host: Parted): readonly (Parted['items'][number] | undefined)[] {
  const left = [...host.items]
  const take = (isSame: (text: string) => boolean) => {
    const found = left.findIndex(({ text }) => isSame(text))
    return found === -1 ? undefined : left.splice(found, 1)[0]
  }
  const exact = donor.items.map((item) => take((text) => text.trim() === item.text.trim()))
  return donor.items.map((item, index) => exact[index] ?? take((text) => firstLine(text) === firstLine(item.text)))
}

/** The blank lines above an item: how many there are is the matter of the file that it comes to. */
function leadOf(item: string): string {
  return /^(?:[ \t\r]*\n)*/.exec(item)?.[0] ?? ''
}

/** The first line that is no comment and no attribute: `mod tests {`, `describe('cart', () => {`. */
function firstLine(item: string): string {
  const lines = item.split('\n').map((line) => line.trim())
  return lines.find((line) => line !== '' && !/^(?:\/[/*]|\*|#|@)/.test(line)) ?? item.trim()
}

function isLineStart(text: string, at: number): boolean {
  return at === 0 || at === text.length || text[at - 1] === '\n'
}

function isBlankAt(text: string, at: number): boolean {
  const end = text.indexOf('\n', at)
  return text.slice(at, end === -1 ? undefined : end).trim() === ''
}

function commonHead(a: string, b: string): number {
  let length = 0
  while (length < a.length && length < b.length && a[length] === b[length]) length += 1
  return length
}

function commonTail(a: string, b: string): number {
  let length = 0
  while (length < a.length && length < b.length && a[a.length - 1 - length] === b[b.length - 1 - length]) length += 1
  return length
}

function joinLines(...pieces: readonly string[]): string {
  return pieces.reduce((text, piece) => (piece === '' ? text : text + lineBreakAfter(text) + piece), '')
}

/** A piece that ended its file without a line break gets one where something follows it now. */
function lineBreakAfter(text: string): string {
  return text === '' || text.endsWith('\n') ? '' : '\n'
}
