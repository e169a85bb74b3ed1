/** From a merged pull to what an agent starts from: the split, the statement, the work tree, and the tests put back. */
export { applyChangesScript, changesBetween } from './changes-between.ts'
export { type CheckoutOptions, checkoutSnapshot } from './checkout.ts'
export { noTestPaths } from './kinds.ts'
export { type Restored, type RestoreInput, restoreTests } from './restore.ts'
export { type SplitInput, splitChange } from './split.ts'
export { type StatementResult, statementOf } from './statement.ts'
