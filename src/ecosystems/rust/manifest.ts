import { posix } from 'node:path'
import { parse } from 'smol-toml'
import type { TreeReader } from '../../model/index.ts'

export type Table = Readonly<Record<string, unknown>>

/** One Cargo.toml. */
export interface Manifest {
  readonly path: string
  /** Relative to the root, "." for the root. */
  readonly directory: string
  /** Null: a virtual manifest, a workspace without a package of its own. */
  readonly package: string | null
  readonly table: Table
}

export function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
}

/** The table at a path of keys; an empty one where there is none. */
export function tableAt(table: Table, ...keys: readonly string[]): Table {
  let found: unknown = table
  for (const key of keys) found = isTable(found) && Object.hasOwn(found, key) ? found[key] : undefined
  return isTable(found) ? found : {}
}

export function textAt(table: Table, key: string): string | null {
  const value = Object.hasOwn(table, key) ? table[key] : undefined
  return typeof value === 'string' ? value : null
}

export function textsAt(table: Table, key: string): readonly string[] {
  const value = Object.hasOwn(table, key) ? table[key] : undefined
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []
}

/** A file's TOML; null where it is none: cargo says what is wrong with it better. */
export function parseToml(text: string | null): Table | null {
  if (text === null) return null
  try {
    return parse(text)
  } catch {
    return null
  }
}

/** Every manifest of the tree, the outermost first. One that can't be read says nothing: cargo tells what is wrong with it. */
export async function readManifests(tree: TreeReader): Promise<readonly Manifest[]> {
  const paths = tree.paths.filter((path) => posix.basename(path) === 'Cargo.toml')
  const read = await Promise.all(
    paths.map(async (path): Promise<Manifest> => {
      const table = parseToml(await tree.read(path)) ?? {}
      return { path, directory: posix.dirname(path), package: textAt(tableAt(table, 'package'), 'name'), table }
    }),
  )
  return read.sort((a, b) => depth(a.directory) - depth(b.directory) || (a.path < b.path ? -1 : 1))
}

function depth(directory: string): number {
  return directory === '.' ? 0 : directory.split('/').length
}

export function isWithin(path: string, directory: string): boolean {
  return directory === '.' || path === directory || path.startsWith(`${directory}/`)
}
