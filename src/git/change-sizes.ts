import type { Mirror } from './mirror.ts'

/** Lines added and deleted by path between two trees or commits; null for a binary file. Renames are not paired. */
export async function changeSizes(
  mirror: Mirror,
  a: string,
  b: string,
): Promise<Map<string, { added: number; deleted: number } | null>> {
  const listing = await mirror.text([
    'diff-tree',
    '-r',
    '-z',
    '--numstat',
    '--no-renames',
    '--no-ext-diff',
    '--no-textconv',
    a,
    b,
  ])
  const sizes = new Map<string, { added: number; deleted: number } | null>()
  for (const line of listing.split('\0')) {
    const [, added, deleted, path] = /^(\d+|-)\t(\d+|-)\t([\s\S]+)$/.exec(line) ?? []
    if (path === undefined) continue
    sizes.set(path, added === '-' ? null : { added: Number(added), deleted: Number(deleted) })
  }
  return sizes
}
