import { parse as parseToml } from 'smol-toml'

/** Section → key → value, as Python's configparser reads an INI file: values may go on over indented lines, then joined by newlines. */
export type IniSections = ReadonlyMap<string, ReadonlyMap<string, string>>

/** Reads what can be read; a broken line is passed over. Keys are lower case. */
export function readIni(text: string): IniSections {
  const sections = new Map<string, Map<string, string>>()
  let section: Map<string, string> | null = null
  let key: string | null = null
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*(?:[#;]|$)/.test(line)) continue
    const heading = /^\[(?<name>[^\]]+)\]/.exec(line)?.groups?.name
    if (heading !== undefined) {
      section = sections.get(heading) ?? new Map<string, string>()
      sections.set(heading, section)
      key = null
    } else if (/^\s/.test(line)) {
      if (section !== null && key !== null) section.set(key, `${section.get(key) ?? ''}\n${line.trim()}`)
    } else {
      const { name, value } = /^(?<name>[^=:]+?)\s*[=:]\s*(?<value>.*)$/.exec(line)?.groups ?? {}
      key = name === undefined ? null : name.toLowerCase()
      if (section !== null && key !== null) section.set(key, (value ?? '').trim())
    }
  }
  return sections
}

/** A TOML document as plain values; null where it is broken. */
export function readToml(text: string): Readonly<Record<string, unknown>> | null {
  try {
    return parseToml(text)
  } catch {
    // A mistake in a repository's own file is an answer about it.
    return null
  }
}

/** The value at a path of tables; undefined where there is none. */
export function tomlAt(table: unknown, ...path: readonly string[]): unknown {
  let found = table
  for (const key of path) found = isTable(found) && Object.hasOwn(found, key) ? found[key] : undefined
  return found
}

export function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
}

/** The texts of an array, or the words of a text: settings of pytest and others may be either. */
export function wordsOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.filter((each) => typeof each === 'string')
  return typeof value === 'string' ? value.split(/\s+/).filter((word) => word !== '') : []
}
