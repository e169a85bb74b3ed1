/**
 * Words of a repository (names of tests, paths, commands) as Markdown that shows them and nothing else: a code span, in which GitHub makes no
 * mention, no reference, no link and no image, and reads no HTML. One line; control and direction marks are taken out; cut at `most` characters.
 */
export function code(text: string, most = 200): string {
  const plain = plainLine(text, most)
  if (plain === '') return '(empty)'
  const longest = Math.max(0, ...[...plain.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  const room = longest > 0 ? ' ' : ''
  return `${fence}${room}${plain}${room}${fence}`
}

/** One line of plain text, for where GitHub reads no Markdown: titles and messages of annotations. */
export function plainLine(text: string, most: number): string {
  const shown = [...text.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').replace(/\p{Cf}/gu, '')].slice(0, most + 1)
  return (shown.length > most ? [...shown.slice(0, most - 1), '…'] : shown).join('').trim()
}

/** Items of a list as code spans, the first few of them, and how many more there are. */
export function codeList(items: readonly string[], most = 20): string {
  const shown = items.slice(0, most).map((item) => `- ${code(item)}`)
  const more = items.length - shown.length
  return [...shown, ...(more > 0 ? [`- and ${more} more`] : [])].join('\n')
}
