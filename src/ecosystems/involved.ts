import { languageOf } from '../languages/index.ts'
import type { KindedChange, TreeReader } from '../model/index.ts'
import type { Ecosystem } from './types.ts'

/**
 * The ecosystems that a change asks to be run with, the one with most of its tests first: of those that the tree is made for, such as have
 * changed test files in their languages; where no test file tells (test data alone changed), such as have changed sources; else the
 * first that the tree is made for.
 */
export function involvedEcosystems(
  ecosystems: readonly Ecosystem[],
  tree: TreeReader,
  changes: readonly Pick<KindedChange, 'path' | 'kind'>[],
): readonly Ecosystem[] {
  const here = ecosystems.filter((ecosystem) => ecosystem.detect(tree))
  for (const kinds of [
    ['test', 'mixed'],
    ['source', 'mixed', 'test-support'],
  ]) {
    const paths = changes.filter(({ kind }) => kinds.includes(kind)).map(({ path }) => path)
    const files = (ecosystem: Ecosystem) => paths.filter((path) => isOf(ecosystem, path)).length
    const involved = here.filter((ecosystem) => files(ecosystem) > 0)
    if (involved.length > 0) return involved.toSorted((a, b) => files(b) - files(a))
  }
  return here.slice(0, 1)
}

/** Whether a file is written in one of an ecosystem's languages. */
export function isOf({ languages }: Ecosystem, path: string): boolean {
  const language = languageOf(path)
  return language !== null && languages.includes(language)
}
