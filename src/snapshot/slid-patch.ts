/** Towards which end of the file the blank lines go that a hunk could as well begin as end with. */
export type Slide = 'up' | 'down'

interface Line {
  /** ' ', '-' or '+'. */
  sign: string
  readonly text: string
  /** It ends its file without a line break. */
  ends: boolean
}

/**
 * The same patch with each added or removed block slid over the blank lines around it, and one line of context. Whether a block begins with the blank line
 * above it or ends with the one below is all the same to its own file, but not to a neighbour's patch that has the other one for its context. `whole` is a
 * patch with all lines of its files for context.
 */
export function slidPatch(whole: Buffer, slide: Slide): Buffer {
  // Bytes as they are: a file of code may be in any encoding.
  const files = whole.toString('latin1').split(/(?<=\n)(?=diff --git )/)
  return Buffer.from(files.map((file) => slidFile(file, slide)).join(''), 'latin1')
}

function slidFile(file: string, slide: Slide): string {
  const start = file.search(/^@@ /m)
  if (start === -1) return file
  const lines = linesOf(file.slice(start))
  if (slide === 'down') slideDown(lines)
  else slideUp(lines)
  return file.slice(0, start) + hunksOf(lines)
}

/** All lines of a file: its only hunk has them. */
function linesOf(hunk: string): Line[] {
  const lines: Line[] = []
  for (const line of hunk.split('\n').slice(1, -1)) {
    const last = lines.at(-1)
    if (!line.startsWith('\\')) lines.push({ sign: line.slice(0, 1), text: line.slice(1), ends: false })
    else if (last !== undefined) last.ends = true
  }
  return lines
}

function slideDown(lines: Line[]): void {
  for (let at = 0; at < lines.length; at += 1) {
    const end = endOfBlock(lines, at)
    if (end === null) continue
    let [first, next] = [at, end]
    while (isSameBlank(lines[first], lines[next])) {
      swap(lines[first], lines[next])
      ;[first, next] = [first + 1, next + 1]
    }
    at = next - 1
  }
}

function slideUp(lines: Line[]): void {
  for (let at = 0; at < lines.length; at += 1) {
    const end = endOfBlock(lines, at)
    if (end === null) continue
    let [above, last] = [at - 1, end - 1]
    while (isSameBlank(lines[above], lines[last])) {
      swap(lines[above], lines[last])
      ;[above, last] = [above - 1, last - 1]
    }
    at = end - 1
  }
}

/** Behind the block of lines that are all added, or all removed, which begins at `at`; null where none does. */
function endOfBlock(lines: readonly Line[], at: number): number | null {
  const sign = lines[at]?.sign ?? ' '
  if (sign === ' ') return null
  let end = at
  while (lines[end] !== undefined && lines[end]?.sign !== ' ') end += 1
  return lines.slice(at, end).every((line) => line.sign === sign) ? end : null
}

function isSameBlank(one: Line | undefined, other: Line | undefined): boolean {
  if (one === undefined || other === undefined || one.ends || other.ends) return false
  return one.text === other.text && one.text.trim() === '' && (one.sign === ' ') !== (other.sign === ' ')
}

function swap(one: Line | undefined, other: Line | undefined): void {
  if (one === undefined || other === undefined) return
  const { sign } = one
  one.sign = other.sign
  other.sign = sign
}

/** The hunks with one line of context, cut between two such lines: what a neighbour's patch adds there would keep them apart. */
function hunksOf(lines: readonly Line[]): string {
  const isNear = (at: number) => [at - 1, at, at + 1].some((each) => (lines[each]?.sign ?? ' ') !== ' ')
  let text = ''
  let [from, to] = [1, 1]
  for (let at = 0; at < lines.length; at += 1) {
    if (!isNear(at)) {
      ;[from, to] = [from + 1, to + 1]
      continue
    }
    const isCut = (where: number) => lines[where - 1]?.sign === ' ' && lines[where]?.sign === ' '
    let end = at + 1
    while (end < lines.length && isNear(end) && !isCut(end)) end += 1
    const hunk = lines.slice(at, end)
    const [old, fresh] = ['+', '-'].map((other) => hunk.filter(({ sign }) => sign !== other).length)
    text += `@@ -${range(from, old)} +${range(to, fresh)} @@\n${hunk.map(written).join('')}`
    ;[from, to] = [from + (old ?? 0), to + (fresh ?? 0)]
    at = end - 1
  }
  return text
}

/** A side without lines is counted from the line above. */
function range(start: number, count = 0): string {
  return `${count === 0 ? start - 1 : start},${count}`
}

function written({ sign, text, ends }: Line): string {
  return `${sign}${text}\n${ends ? '\\ No newline at end of file\n' : ''}`
}
