/** Where merged pulls come from: a pulls file, or the history of a clone. */
export { type DiscoverOptions, discover } from './discover.ts'
export { closingReferences } from './keywords.ts'
export * from './types.ts'
export { verifyDiff } from './verify-diff.ts'
