import type { Span } from '../languages/index.ts'

interface Line {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** A section of a manifest in TOML or of an INI file. */
export interface Section {
  /** `dev-dependencies`, `tool.pytest.ini_options`, `tool:pytest`; empty for what stands before the first header. */
  readonly name: string
  /** With its header. */
  readonly whole: Span
  readonly body: Span
  readonly lines: readonly Line[]
}

/** A file's sections in their order, line for line. */
export function sectionsOf(source: string): readonly Section[] {
  const found: { name: string; start: number; body: number; lines: Line[] }[] = [
    { name: '', start: 0, body: 0, lines: [] },
  ]
  let at = 0
  for (const text of source.split(/(?<=\n)/)) {
    const line = { start: at, end: at + text.length, text }
    at = line.end
    const header = /^\s*\[{1,2}\s*(?<name>[^\]\n]*?)\s*\]{1,2}\s*(?:#.*)?$/.exec(text.trimEnd())?.groups?.name
    if (header === undefined) found.at(-1)?.lines.push(line)
    else found.push({ name: header.replaceAll(/["'\s]/g, ''), start: line.start, body: line.end, lines: [] })
  }
  return found
    .map(({ name, start, body, lines }) => {
      const end = lines.at(-1)?.end ?? body
      return { name, whole: { start, end }, body: { start: body, end }, lines }
    })
    .filter(({ whole }) => whole.end > whole.start)
}

/** Without blank lines and comments at its end: these stand above what follows. */
export function trimmed(source: string, { start, end }: Span): Span {
  const text = source.slice(start, end).replace(/(?:\n[ \t]*(?:#[^\n]*)?)+\s*$/, '')
  return { start, end: start + text.trimEnd().length }
}

export function trimmedLine({ start, text }: Line): Span {
  const indent = text.length - text.trimStart().length
  return { start: start + indent, end: start + text.trimEnd().length }
}
