/** The adapter over the git binary: mirrors, trees, patches, history. */
export * from './commit-tree.ts'
export * from './lay-out.ts'
export { type Mirror, openMirror, openQuarantine, pin, resolveRevision, unpin } from './mirror.ts'
export {
  applyToTree, buildTree, diffTrees, listTree, openTree, patchBetween, readBlob, writeBlob, type TreeEdit, type TreeEntry,
} from './trees.ts'
