/** The adapter over GitHub's API: merged pulls and repositories, read through an Octokit that somebody else makes. */
export { type Budget, makeBudget, withReserve } from './budget.ts'
export { asFault, isNotThere, statusOf } from './failures.ts'
export { fileText } from './files.ts'
export { type ClosedByMessages, detailsAtOnce, readPulls } from './pull-details.ts'
export { listMergedPulls } from './pull-list.ts'
export { installationRepositories, readRepository, repositoryNamed, repositoryNumbered } from './repositories.ts'
export * from './types.ts'
