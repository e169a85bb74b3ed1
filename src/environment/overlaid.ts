import type { Strategy, TreeReader } from '../model/index.ts'

/** The tree's texts as an install sees them: with a strategy's overrides in place of the repository's own files. */
export function overlaid(tree: TreeReader, overrides: Strategy['overrides']): TreeReader {
  const laid = new Map(overrides.map(({ path, content }) => [path, content]))
  return {
    ...tree,
    read: async (path) => {
      const content = laid.get(path)
      return content === undefined ? tree.read(path) : content
    },
  }
}
