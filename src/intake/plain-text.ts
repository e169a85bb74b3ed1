/**
 * What is left of Markdown once everything is blanked out that GitHub does not read for references: HTML comments, fenced and
 * indented code blocks, code spans. Lines and offsets stay, so that matches keep their order.
 *
 * Commit messages are no Markdown in full: people indent and quote in them, so there an indented line is text.
 */
export function readableText(text: string, kind: 'markdown' | 'message'): string {
  const lines = text.replace(/\r\n?/g, '\n').split('\n')
  const kept = withoutBlocks(lines, kind === 'markdown').join('\n')
  return withoutSpans(kept)
}

/** Takes comments and code blocks out line by line: whichever opens first wins, as in CommonMark. */
function withoutBlocks(lines: readonly string[], indented: boolean): string[] {
  let fence: string | null = null
  let comment = false
  let afterBlank = true
  let inList = false
  return lines.map((line) => {
    if (fence !== null) {
      if (closesFence(line, fence)) fence = null
      return ''
    }
    const opened = comment ? null : openingFence(line)
    if (opened !== null) {
      fence = opened
      return ''
    }
    // An indented line is code after a blank line only, and not below a list item, which it goes on with.
    if (indented && !comment && afterBlank && !inList && /^(?: {4}| {0,3}\t)/.test(line)) return ''
    if (/^\s*(?:[-*+]|\d+[.)])\s/.test(line)) inList = true
    else if (afterBlank && /^\S/.test(line)) inList = false
    afterBlank = line.trim() === ''
    const stripped = withoutComments(line, comment)
    comment = stripped.open
    return stripped.text
  })
}

function openingFence(line: string): string | null {
  const [, fence, info = ''] = /^ {0,3}(?:>\s?)*(?:[-*+]\s+)?(`{3,}|~{3,})(.*)$/.exec(line) ?? []
  if (fence === undefined || (fence.startsWith('`') && info.includes('`'))) return null
  return fence
}

function closesFence(line: string, fence: string): boolean {
  const bare = line.replace(/^[\s>]*/, '').trimEnd()
  return bare.length >= fence.length && bare === (fence[0] ?? '').repeat(bare.length)
}

/** Drops `<!-- … -->` from one line; `open` says whether a comment goes on after it. */
function withoutComments(line: string, inside: boolean): { text: string; open: boolean } {
  let text = ''
  let open = inside
  let rest = line
  while (rest !== '') {
    const mark = open ? '-->' : '<!--'
    const at = open ? rest.indexOf(mark) : commentStart(rest)
    if (!open) text += at < 0 ? rest : rest.slice(0, at)
    if (at < 0) break
    rest = rest.slice(at + mark.length)
    open = !open
  }
  return { text, open }
}

/** `<!--` inside a code span on the same line is no comment. */
function commentStart(line: string): number {
  const spans = [...line.matchAll(/(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)/g)]
  for (let at = line.indexOf('<!--'); at >= 0; at = line.indexOf('<!--', at + 1)) {
    if (!spans.some((span) => span.index < at && at < span.index + span[0].length)) return at
  }
  return -1
}

/** Code spans: a run of backticks up to the next run of the same length, within one paragraph. */
function withoutSpans(text: string): string {
  return text.replace(/(?<!`)(`+)(?!`)(?:(?!\n[ \t]*\n)[\s\S])*?(?<!`)\1(?!`)/g, (span) => ' '.repeat(span.length))
}
