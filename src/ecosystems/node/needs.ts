import type { TreeReader } from '../../model/index.ts'
import { readNeed } from '../../package-gateway/index.ts'
import { installed } from './manifest.ts'
import { readPackages } from './workspaces.ts'

/** What the root and the workspaces ask the registry for; each other they have. */
export async function needs(tree: TreeReader): Promise<readonly { readonly name: string; readonly range: string }[]> {
  const packages = await readPackages(tree)
  const own = new Set(packages.map(({ manifest }) => manifest.name))
  return packages.flatMap(({ manifest }) =>
    Object.entries(installed(manifest)).flatMap(([name, range]) =>
      own.has(name) ? [] : (readNeed(name, range) ?? []),
    ),
  )
}
