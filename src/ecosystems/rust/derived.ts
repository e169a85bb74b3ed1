import type { TreeReader } from '../../model/index.ts'
import { targetFolder } from './installs.ts'
import { readManifests, tableAt, textAt } from './manifest.ts'

/** As long as the digest behind the names of what cargo builds. */
const digest = '?'.repeat(16)

/**
 * What cargo built of the repository's own packages: libraries, outputs of build scripts, and the notes by which it would take them for fresh. Programs
 * (tests, examples) are in no layer at all.
 */
export async function derivedPaths(tree: TreeReader): Promise<readonly string[]> {
  const manifests = await readManifests(tree)
  return manifests.flatMap(({ package: name, table }) => {
    if (name === null) return []
    const library = (textAt(tableAt(table, 'lib'), 'name') ?? name).replaceAll('-', '_')
    return [
      `${targetFolder}/debug/deps/lib${library}-${digest}.*`,
      `${targetFolder}/debug/.fingerprint/${name}-${digest}/**`,
      `${targetFolder}/debug/build/${name}-${digest}/**`,
    ]
  })
}
