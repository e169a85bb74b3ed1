import picomatch from 'picomatch'
import type { PathKind, StatedPaths } from '../model/index.ts'
import { isCode } from './path-kinds.ts'

/** What a repository's owners say of its paths, beside what convention says of them. */
export interface StatedKinds {
  /** Changes of this path count neither as source nor as tests. */
  ignores(path: string): boolean
  /**
   * The kind of a path, given the one it has otherwise. What owners name a test is one, unless it steers an install or the CI. Ignored
   * sources go with the fix as if they were vendored; ignored tests stay on the tests' side, where no fix may bring them.
   */
  kindOf(path: string, otherwise: PathKind): PathKind
}

const beyond: ReadonlySet<PathKind> = new Set(['manifest', 'lockfile', 'ci'])

/** null: nothing is said. */
export function statedKinds(stated: StatedPaths | null): StatedKinds {
  const isTest = matcher(stated?.test ?? [])
  const ignores = matcher(stated?.ignore ?? [])
  return {
    ignores,
    kindOf: (path, otherwise) => {
      if (ignores(path)) return otherwise === 'source' ? 'vendored' : otherwise === 'test' ? 'test-support' : otherwise
      if (!isTest(path) || beyond.has(otherwise)) return otherwise
      return isCode(path) ? 'test' : 'test-support'
    },
  }
}

function matcher(globs: readonly string[]): (path: string) => boolean {
  return globs.length === 0 ? () => false : picomatch([...globs], { dot: true })
}
