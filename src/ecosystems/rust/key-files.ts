import { posix } from 'node:path'
import { kindByPath } from '../../languages/index.ts'
import type { TreeReader } from '../../model/index.ts'
import { isTable, parseToml } from './manifest.ts'

const names = new Set(['Cargo.toml', 'Cargo.lock', 'rust-toolchain', 'rust-toolchain.toml'])

/** Files that an install reads: manifests, lockfiles, cargo's settings. Manifests among the tests' own files are none. */
export async function keyPaths(tree: TreeReader): Promise<readonly string[]> {
  return tree.paths.filter(
    (path) =>
      /(?:^|\/)\.cargo\/config(?:\.toml)?$/.test(path) ||
      (names.has(posix.basename(path)) && !kindByPath(`${posix.dirname(path)}/any.rs`).startsWith('test')),
  )
}

/** What describes a package, and what is compiled for others than its tests. */
const idle = new Set(
  'authors description documentation readme homepage repository license license-file keywords categories exclude include publish metadata default-run'.split(
    ' ',
  ),
)

/** A manifest without what can't change the dependencies; the root's own version counts, since a lockfile names it. */
export function keyContent(path: string, text: string): string {
  if (posix.basename(path) !== 'Cargo.toml') return text
  const table = parseToml(text)
  if (table === null) return text
  const { package: own, bin: _, example: __, test: ___, bench: ____, badges: _____, lints: ______, ...rest } = table
  const described = isTable(own) ? Object.entries(own).filter(([key]) => !idle.has(key)) : []
  return JSON.stringify({ ...rest, package: Object.fromEntries(described) }, (_key, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  )
}
