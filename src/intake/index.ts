/** Where merged pulls come from: a pulls file, or the history of a clone. */
export { discover, type DiscoverOptions } from './discover.ts'
export { closingReferences, type ClosingReferences, type ReferenceContext } from './keywords.ts'
export * from './types.ts'
export { type DiffVerdict, verifyDiff } from './verify-diff.ts'
