/** The adapter over the git binary: mirrors, trees, patches, history. */
export * from './change-sizes.ts'
export * from './commit-tree.ts'
export * from './describe.ts'
export * from './lay-out.ts'
export * from './history.ts'
export * from './identity.ts'
export { findSource, type Source, type SourceOptions } from './source.ts'
export { updateMirror, type UpdateOptions } from './update-mirror.ts'
export { type Mirror, openMirror, openQuarantine, pin, resolveRevision, unpin } from './mirror.ts'
export {
  applyToTree,
  buildTree,
  diffTrees,
  listTree,
  openTree,
  patchBetween,
  readBlob,
  writeBlob,
  type TreeEdit,
  type TreeEntry,
} from './trees.ts'
