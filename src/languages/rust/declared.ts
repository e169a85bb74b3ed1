import { posix } from 'node:path'
import type { ModuleFile } from './modules.ts'

type Read = (path: string) => Promise<string | null>

const deepest = 12

/**
 * Whether a file is a module of tests alone: what declares it does so under `cfg(test)`, or is such a module itself. A file that nothing known declares is
 * none.
 */
export async function isDeclaredForTests(
  path: string,
  read: Read,
  modulesOf: (source: string) => readonly ModuleFile[],
  depth = 0,
): Promise<boolean> {
  if (depth > deepest) return false
  for (const parent of parentsOf(path)) {
    const text = await read(parent)
    if (text === null || parent === path) continue
    const declared = modulesOf(text).filter(({ file }) => leadsTo(parent, file, path))
    if (declared.length === 0) continue
    if (declared.every(({ forTests }) => forTests)) return true
    return isDeclaredForTests(parent, read, modulesOf, depth + 1)
  }
  return false
}

/** The files that may declare a module with this file: the root or the `mod.rs` of its folder, or the file with the folder's name. */
function parentsOf(path: string): readonly string[] {
  const folder = posix.dirname(path)
  const above = posix.basename(path) === 'mod.rs' ? posix.dirname(folder) : folder
  return [...['mod.rs', 'lib.rs', 'main.rs'].map((name) => posix.join(above, name)), `${above}.rs`]
}

/** Whether a declaration in `parent` means `path`: `mod x;` is `x.rs` or `x/mod.rs` beside a root, below the folder of its name for any other. */
function leadsTo(parent: string, file: string, path: string): boolean {
  const isRoot = /^(?:mod|lib|main)\.rs$/.test(posix.basename(parent))
  const folder = isRoot ? posix.dirname(parent) : parent.replace(/\.rs$/, '')
  const whole = posix.join(folder, file)
  return file.endsWith('.rs')
    ? whole === path || posix.join(posix.dirname(parent), file) === path
    : path === `${whole}.rs` || path === `${whole}/mod.rs`
}
