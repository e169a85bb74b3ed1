/** A file of sections with keys, as Python's configparser reads it (setup.cfg, tox.ini): keys in lower case, lines of a value by newlines. */
export type ConfigFile = ReadonlyMap<string, ReadonlyMap<string, string>>

const mostLines = 20_000

/** Reads what can be read; nothing is thrown for a broken line. */
export function parseConfigFile(text: string): ConfigFile {
  const file = new Map<string, Map<string, string>>()
  let section: Map<string, string> | null = null
  let key: string | null = null
  for (const line of text.replace(/^\uFEFF/, '').split(/\r?\n/, mostLines)) {
    if (/^\s*[#;]/.test(line)) continue
    const header = /^\[(.+)\]\s*(?:[#;].*)?$/.exec(line)?.[1]
    if (header !== undefined) {
      section = file.get(header.trim()) ?? new Map<string, string>()
      file.set(header.trim(), section)
      key = null
    } else if (/^\s/.test(line) && key !== null) section?.set(key, `${section.get(key) ?? ''}\n${line.trim()}`)
    else {
      const cut = line.search(/[=:]/)
      key = cut > 0 ? line.slice(0, cut).trim().toLowerCase() : null
      if (key !== null) section?.set(key, line.slice(cut + 1).trim())
    }
  }
  return file
}

/** The lines of a value that say something, comments at their ends taken off. */
export function linesOf(value: string | undefined): readonly string[] {
  return (value ?? '')
    .split('\n')
    .map((line) => line.replace(/(?:^|\s)#.*$/, '').trim())
    .filter((line) => line !== '')
}

/** The items of a value that are parted by commas or newlines. */
export function itemsOf(value: string | undefined): readonly string[] {
  return linesOf(value)
    .flatMap((line) => splitAtCommas(line))
    .filter((item) => item !== '')
}

/** Splits at the commas that stand outside of braces and brackets. */
export function splitAtCommas(text: string): readonly string[] {
  const items: string[] = ['']
  let depth = 0
  for (const char of text) {
    if ('{['.includes(char)) depth += 1
    if ('}]'.includes(char)) depth -= 1
    if (char === ',' && depth <= 0) items.push('')
    else items.push(`${items.pop() ?? ''}${char}`)
  }
  return items.map((item) => item.trim())
}
