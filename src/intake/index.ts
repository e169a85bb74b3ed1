/** Where merged pulls come from: GitHub, a pulls file, or the history of a clone. */
export { retold } from './assemble.ts'
export { type DiscoverOptions, discover, openDiscovery, type PullLines } from './discover.ts'
export { closingReferences } from './keywords.ts'
export { readPullsFile } from './pulls-file.ts'
export * from './types.ts'
export { verifyDiff } from './verify-diff.ts'
