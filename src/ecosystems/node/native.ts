import semver from 'semver'
import { safeYaml } from '../../ci/values.ts'
import type { TreeReader } from '../../model/index.ts'
import type { Lockfile } from './lockfiles/index.ts'
import type { ChosenManager } from './manager-choice.ts'
import { isRecord } from './manifest.ts'
import type { Package } from './workspaces.ts'

/**
 * Packages of the lockfile whose native parts the repository's own package manager would build: all that have some; with
 * pnpm 10 and later only those that the repository allows (`onlyBuiltDependencies`, `allowBuilds`).
 */
export async function nativeToBuild(
  tree: TreeReader,
  packages: readonly Package[],
  lockfile: Lockfile | null,
  manager: ChosenManager | null,
): Promise<readonly string[]> {
  if (lockfile === null || manager === null) return []
  if (manager.name !== 'pnpm' || semver.lt(manager.version, '10.0.0')) return lockfile.native
  const allowed = await allowedBuilds(tree, packages)
  return lockfile.native.filter((name) => allowed.has(name))
}

async function allowedBuilds(tree: TreeReader, packages: readonly Package[]): Promise<ReadonlySet<string>> {
  const workspace = safeYaml((await tree.read('pnpm-workspace.yaml')) ?? '')
  const inManifest = packages[0]?.manifest.raw.pnpm
  const names = [workspace, inManifest].flatMap((holder) => {
    if (!isRecord(holder)) return []
    const listed = Array.isArray(holder.onlyBuiltDependencies) ? holder.onlyBuiltDependencies : []
    const allowed = isRecord(holder.allowBuilds)
      ? Object.entries(holder.allowBuilds).flatMap(([name, value]) => (value === true ? [name] : []))
      : []
    return [...listed.filter((name) => typeof name === 'string'), ...allowed]
  })
  return new Set(names)
}
