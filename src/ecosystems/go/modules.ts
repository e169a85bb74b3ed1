import { posix } from 'node:path'
import type { TreeReader } from '../../model/index.ts'
import { type GoMod, readGoMod } from './go-mod.ts'

export interface Module {
  /** Relative to the root, `.` for the root. */
  readonly directory: string
  readonly mod: GoMod
}

/** Folders that the go command does not look into, and those whose go.mod belongs to somebody else. */
const passedOver = /(?:^|\/)(?:vendor|testdata|node_modules|[._][^/]*)\//

/** The modules of a tree, the root's first. */
export async function readModules(tree: TreeReader): Promise<readonly Module[]> {
  const files = tree.paths.filter((path) => posix.basename(path) === 'go.mod' && !passedOver.test(path))
  const modules: Module[] = []
  for (const path of files.toSorted((a, b) => a.split('/').length - b.split('/').length || (a < b ? -1 : 1))) {
    const text = await tree.read(path)
    if (text !== null) modules.push({ directory: posix.dirname(path), mod: readGoMod(text) })
  }
  return modules
}

/** The module that a file belongs to: the innermost around it. */
export function moduleOf(modules: readonly Module[], path: string): Module | null {
  const around = modules.filter(({ directory }) => directory === '.' || path.startsWith(`${directory}/`))
  return around.toSorted((a, b) => b.directory.length - a.directory.length)[0] ?? null
}
