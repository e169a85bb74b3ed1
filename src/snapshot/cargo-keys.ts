import { parse, stringify } from 'smol-toml'
import type { Language, Span } from '../languages/index.ts'
import { graftTests } from './graft.ts'
import { sectionsOf, trimmed, trimmedLine } from './manifest-sections.ts'

/**
 * What of a Cargo.toml belongs to the tests: what only they depend on, which targets are tests and how they are run, the profiles that they are built
 * with, and what takes a dependency's place. Everything else in it belongs to the source.
 */
const sections =
  /^(?:(?:target\..+\.)?dev[-_]dependencies(?:\..+)?|test|bench|profile(?:\..+)?|patch(?:\..+)?|replace(?:\..+)?)$/
/** Within other sections. */
const keys: Readonly<Record<string, RegExp>> = {
  '': /^(?:dev[-_]dependencies|profile|patch|replace|lib\s*\.\s*(?:test|harness|doctest|doc)|package\s*\.\s*autotests)\b/,
  package: /^(?:autotests|autobenches)\b/,
  lib: /^(?:test|harness|doctest)\b/,
  bin: /^(?:test|harness)\b/,
}

type Table = Readonly<Record<string, unknown>>

export function isCargoManifest(path: string): boolean {
  return path === 'Cargo.toml' || path.endsWith('/Cargo.toml')
}

/** True for text that is TOML. */
export function isToml(text: string | null): boolean {
  return text !== null && parsed(text) !== null
}

/**
 * `manifest` with the tests' part as it is in the last of `states`: in place, line for line, and where that does not do, written anew. Returns `manifest` itself
 * where its own part is that of one of the states, or where one of the texts is no TOML.
 */
export function withCargoKeys(manifest: string, ...states: readonly string[]): string {
  const own = parsed(manifest)
  const wanted = parsed(states.at(-1) ?? '')
  if (own === null || wanted === null) return manifest
  const part = JSON.stringify(testPart(wanted), plain)
  const known = states.map((state) => JSON.stringify(testPart(parsed(state) ?? {}), plain))
  if (known.includes(JSON.stringify(testPart(own), plain))) return manifest
  const grafted = graftTests(manifestParts, manifest, states.at(-1) ?? '')
  const holds = JSON.stringify(testPart(parsed(grafted) ?? {}), plain) === part
  return holds ? grafted : stringify(merged(sourcePart(own), testPart(wanted)))
}

function parsed(text: string): Table | null {
  try {
    return parse(text)
  } catch {
    return null
  }
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
}

/** The tests' part of a manifest's data. */
function testPart(table: Table): Table {
  return parted(table, (path) => isTestKey(path))
}

function sourcePart(table: Table): Table {
  return parted(table, (path) => !isTestKey(path))
}

const dependencies = /^dev[-_]dependencies$/

function isTestKey([first = '', second = '', third = '']: readonly string[]): boolean {
  if (/^(?:test|bench|profile|patch|replace)$/.test(first) || dependencies.test(first)) return true
  if (first === 'target') return dependencies.test(third)
  if (first === 'package') return /^auto(?:tests|benches)$/.test(second)
  return (first === 'lib' || first === 'bin') && /^(?:test|harness|doctest)$/.test(second)
}

/** A table with the leaves alone that are wanted, three keys deep: no key of the tests' lies deeper. Lists of tables count as one table each. */
function parted(table: Table, wanted: (path: readonly string[]) => boolean, path: readonly string[] = []): Table {
  const kept: [string, unknown][] = []
  for (const [key, value] of Object.entries(table)) {
    const here = [...path, key]
    const goesDeeper = here.length < 3 && !isTestKey(here)
    if (goesDeeper && isTable(value)) {
      const inner = parted(value, wanted, here)
      if (Object.keys(inner).length > 0) kept.push([key, inner])
    } else if (goesDeeper && Array.isArray(value) && value.length > 0 && value.every(isTable)) {
      const list = value.map((each) => parted(each, wanted, here))
      if (list.some((each) => Object.keys(each).length > 0)) kept.push([key, list])
    } else if (wanted(here)) kept.push([key, value])
  }
  return Object.fromEntries(kept)
}

function merged(source: Table, tests: Table): Record<string, unknown> {
  const result: Record<string, unknown> = { ...source }
  for (const [key, value] of Object.entries(tests)) {
    const there = result[key]
    if (isTable(there) && isTable(value)) result[key] = merged(there, value)
    else if (Array.isArray(there) && Array.isArray(value))
      result[key] = there.map((each, at) => (isTable(each) && isTable(value[at]) ? merged(each, value[at]) : each))
    else result[key] = value
  }
  return result
}

function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  return isTable(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value
}

/** A manifest's parts as a language would have them: sections of the tests', and single keys of theirs in other sections. */
const manifestParts: Language = {
  name: 'cargo-manifest',
  extensions: [],
  testItems: (source) => itemsOf(source),
  isTestFile: () => false,
  imports: () => [],
  symbols: () => [],
  holders: (source) =>
    sectionsOf(source)
      .filter(({ name }) => !sections.test(name))
      .map(({ name, body }) => ({ name, body })),
}

function itemsOf(source: string): readonly Span[] {
  return sectionsOf(source).flatMap((section): readonly Span[] => {
    if (sections.test(section.name)) return [trimmed(source, section.whole)]
    const own = keys[section.name]
    return own === undefined ? [] : section.lines.filter(({ text }) => own.test(text.trim())).map(trimmedLine)
  })
}
