import { parse as parseToml } from 'smol-toml'
import { parse } from 'yaml'

export type Fields = Readonly<Record<string, unknown>>

export function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** An object's field that holds an object; empty where it holds anything else. */
export function recordIn(holder: unknown, key: string): Fields {
  const held = isRecord(holder) && Object.hasOwn(holder, key) ? holder[key] : undefined
  return isRecord(held) ? held : {}
}

/** YAML reads `node: 20` as a number and `1.10` as 1.1: GitHub has the same trap. */
export function scalar(value: unknown): string | null {
  return typeof value === 'string'
    ? value
    : typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : null
}

/** The texts of a list, or the only one where no list stands. */
export function texts(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).flatMap((each) => scalar(each) ?? [])
}

/** A value as YAML has it, or undefined where the text is none (or is made of aliases to aliases). */
export function safeYaml(content: string): unknown {
  try {
    return parse(content, { logLevel: 'silent', merge: true })
  } catch {
    return undefined
  }
}

/** A TOML file's table; empty where the text is none. */
export function safeToml(content: string): Fields {
  try {
    return parseToml(content)
  } catch {
    return {}
  }
}
