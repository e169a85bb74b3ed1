/** An element of an XML text by its place in it; offsets are those of `String.slice`. */
export interface XmlElement {
  readonly name: string
  readonly start: number
  readonly end: number
  /** Between its tags; both at the end of the tag where it closes itself. */
  readonly innerStart: number
  readonly innerEnd: number
  readonly children: readonly XmlElement[]
}

interface Open {
  readonly name: string
  readonly start: number
  readonly innerStart: number
  readonly children: XmlElement[]
}

/** Comments, instructions, sections of bare text and the doctype; then tags, whose quoted values may hold any sign. */
const piece =
  /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!\[CDATA\[[\s\S]*?\]\]>|<![^>]*>|<(?<close>\/)?(?<name>[^\s/>!?]+)(?:"[^"]*"|'[^']*'|[^"'>])*?(?<empty>\/)?>/g

/** The root element with what is in it; null where the tags do not match. */
export function rootElement(text: string): XmlElement | null {
  const top: Open = { name: '', start: 0, innerStart: 0, children: [] }
  const open: Open[] = [top]
  for (const match of text.matchAll(piece)) {
    const { close, name, empty } = match.groups ?? {}
    if (name === undefined) continue
    const holder = open.at(-1)
    if (holder === undefined) return null
    const end = match.index + match[0].length
    if (close !== undefined) {
      if (holder.name !== name || open.length === 1) return null
      open.pop()
      open.at(-1)?.children.push({ ...holder, end, innerEnd: match.index })
    } else if (empty !== undefined)
      holder.children.push({ name, start: match.index, end, innerStart: end, innerEnd: end, children: [] })
    else open.push({ name, start: match.index, innerStart: end, children: [] })
  }
  return open.length === 1 && top.children.length === 1 ? (top.children[0] ?? null) : null
}

/** What stands in an element, without its comments and with blanks made one. */
export function plainText(text: string, { innerStart, innerEnd }: XmlElement): string {
  return text
    .slice(innerStart, innerEnd)
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/\s+/g, ' ')
    .trim()
}
