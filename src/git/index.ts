/** The adapter over the git binary: mirrors, trees, patches, history. */
export * from './change-sizes.ts'
export * from './commit-tree.ts'
export * from './describe.ts'
export { isFetchable } from './fetchable.ts'
export { forgetRefs, pruneUnreachable } from './forget-refs.ts'
export * from './history.ts'
export * from './identity.ts'
export { defaultBranch, EmptySource } from './kept-refs.ts'
export * from './lay-out.ts'
export { type Mirror, openMirror, openQuarantine, pin, resolveRevision, unpin } from './mirror.ts'
export { findSource, type Source, type SourceOptions } from './source.ts'
export {
  applyAndCompare,
  applyToTree,
  buildTree,
  checkOutChanges,
  diffTrees,
  listTree,
  openTree,
  patchBetween,
  readBlob,
  sizesIn,
  type TreeEdit,
  writeBlob,
} from './trees.ts'
export { type UpdateOptions, updateMirror } from './update-mirror.ts'
