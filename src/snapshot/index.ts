/** From a merged pull to what an agent starts from: the split, the statement, the work tree, and the tests put back. */

export { type ArchiveFormat, archiveFormats, archiveSnapshot } from './archive.ts'
export { applyChangesScript, changesBetween } from './changes-between.ts'
export { checkoutSnapshot } from './checkout.ts'
export { noTestPaths } from './kinds.ts'
export { restoreTests } from './restore.ts'
export { splitChange } from './split.ts'
export { statementOf } from './statement.ts'
