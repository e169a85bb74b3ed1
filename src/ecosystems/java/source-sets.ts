import { createHash } from 'node:crypto'
import type { TreeReader } from '../../model/index.ts'

const inSet = /^(?<set>(?:.*\/)?src\/[^/]+\/(?:java|kotlin|groovy|scala))\//

/**
 * Which sets of sources there are, as a variable of an install: where one is empty, the plugins that would compile or test it resolve nothing, so the layer of a tree without
 * a module's tests has not what runs them. Sources themselves are in no layer's key.
 */
export function sourceSets(tree: Pick<TreeReader, 'paths'>): Readonly<Record<string, string>> {
  const sets = new Set(tree.paths.map((path) => inSet.exec(path)?.groups?.set ?? ''))
  return {
    QUARRY_SOURCE_SETS: createHash('sha256')
      .update([...sets].sort().join('\n'))
      .digest('hex')
      .slice(0, 12),
  }
}
