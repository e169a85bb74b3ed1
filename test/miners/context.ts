import type { ChangeSize, MinerContext } from '../../miners/index.ts'
import type { Change, MergedPull } from '../../src/model/index.ts'

const id = (digit: string) => digit.repeat(40)

export function change(path: string, more: Partial<Change> = {}): Change {
  return { path, status: 'modified', oldMode: '100644', newMode: '100644', oldBlob: id('1'), newBlob: id('2'), ...more }
}

const merged: MergedPull = {
  number: 12,
  title: 'Round half up',
  body: 'Fixes #7',
  createdAt: new Date('2024-01-01T00:00:00Z'),
  mergedAt: new Date('2024-01-02T00:00:00Z'),
  mergeCommit: id('a'),
  baseRef: 'main',
  head: id('b'),
  user: { login: 'bob', type: 'User' },
  labels: [],
  issues: [],
  closes: [7],
  source: 'pulls-file',
}

/** A pull that closes an issue; what is not given is in order. Every change has ten lines unless `sizes` says otherwise. */
export function context(
  pull: Partial<MergedPull>,
  changes: readonly Change[],
  more: Partial<MinerContext> & { lines?: Readonly<Record<string, ChangeSize>> } = {},
): MinerContext {
  const sizes = new Map(
    changes.map(({ path }) => [path, more.lines?.[path] === undefined ? { added: 5, deleted: 5 } : more.lines[path]]),
  )
  return {
    pull: { ...merged, ...pull },
    base: id('0'),
    changes,
    defaultBranch: 'main',
    revertedBy: null,
    sizes: () => Promise.resolve(sizes),
    mixedPaths: () => Promise.resolve([]),
    ...more,
  }
}
