import type { TreeReader } from '../../../model/index.ts'
import { installed } from '../manifest.ts'
import type { Package } from '../workspaces.ts'
import { readNpmLockfile } from './npm.ts'
import { readPnpmLockfile } from './pnpm.ts'
import type { Lockfile, LockfileKind } from './types.ts'
import { readYarnBerryLockfile } from './yarn-berry.ts'
import { readYarnClassicLockfile } from './yarn-classic.ts'

export type { Foreign, Lockfile, LockfileKind } from './types.ts'

/** Names of lockfiles at a root; npm prefers its shrinkwrap over the lockfile. */
export const lockfileNames = ['pnpm-lock.yaml', 'yarn.lock', 'npm-shrinkwrap.json', 'package-lock.json'] as const

/** Every lockfile at the root that can be read. Several mean that `packageManager`, the workflows or the order decide. */
export async function readLockfiles(tree: TreeReader, packages: readonly Package[]): Promise<readonly Lockfile[]> {
  const found: Lockfile[] = []
  for (const path of lockfileNames) {
    const content = await tree.read(path)
    const lockfile = content === null || content.trim() === '' ? null : readLockfile(path, content, packages)
    if (lockfile !== null) found.push(lockfile)
  }
  return found
}

function readLockfile(path: string, content: string, packages: readonly Package[]): Lockfile | null {
  if (path === 'pnpm-lock.yaml') return readPnpmLockfile(path, content)
  if (path !== 'yarn.lock') return readNpmLockfile(path, content)
  const ranges = (directory: string, name: string): string | null => {
    const own = packages.find((each) => each.directory === directory)
    const root = packages.find((each) => each.directory === '.')
    return (
      (own === undefined ? undefined : installed(own.manifest)[name]) ??
      (root === undefined ? undefined : installed(root.manifest)[name]) ??
      null
    )
  }
  return content.includes('__metadata:')
    ? readYarnBerryLockfile(path, content, ranges)
    : readYarnClassicLockfile(path, content, ranges)
}

/** The package manager that a kind of lockfile belongs to. */
export function managerOf(kind: LockfileKind): 'npm' | 'pnpm' | 'yarn' {
  return kind === 'npm' ? 'npm' : kind === 'pnpm' ? 'pnpm' : 'yarn'
}
