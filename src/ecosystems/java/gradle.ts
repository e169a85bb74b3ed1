import { posix } from 'node:path'
import type { TreeReader } from '../../model/index.ts'

const buildFile = /(?:^|\/)(?:build|settings)\.gradle(?:\.kts)?$/

/** True where a tree is built by Gradle alone. */
export function isGradleBuild(tree: Pick<TreeReader, 'paths'>): boolean {
  return tree.paths.some((path) => buildFile.test(path) && path.split('/').length <= 2)
}

/** The version of Gradle that the wrapper brings; null: it does not say. */
export async function wrappedGradle(tree: TreeReader): Promise<string | null> {
  const path = tree.paths
    .filter((each) => posix.basename(each) === 'gradle-wrapper.properties')
    .toSorted((a, b) => a.length - b.length)[0]
  const text = path === undefined ? null : await tree.read(path)
  return (
    /^\s*distributionUrl\s*=.*?gradle-(?<version>\d[\w.-]*?)-(?:bin|all)\./m.exec(text ?? '')?.groups?.version ?? null
  )
}
