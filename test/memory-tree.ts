import type { TreeReader } from '../src/model/index.ts'

/** A tree that stands in memory: path → text, or a JSON value. */
export function memoryTree(files: Readonly<Record<string, unknown>>): TreeReader {
  const texts = new Map(
    Object.entries(files).map(([path, held]) => [path, typeof held === 'string' ? held : JSON.stringify(held)]),
  )
  return {
    tree: 'memory',
    paths: [...texts.keys()],
    has: (path) => texts.has(path),
    read: async (path) => texts.get(path) ?? null,
    blobOf: (path) => (texts.has(path) ? path : null),
  }
}
