/**
 * The tables, in the order in which a merged pull meets them. Every row knows its installation (tenancy); a row is
 * written once by its stage, on (candidate, stage, revision), so that a job delivered twice changes nothing.
 */

export * from './schema/access.ts'
export * from './schema/candidates.ts'
export * from './schema/deliveries.ts'
export * from './schema/environments.ts'
export * from './schema/erasures.ts'
export * from './schema/figures.ts'
export * from './schema/grades.ts'
export * from './schema/leases.ts'
export * from './schema/listings.ts'
export * from './schema/nightly-reports.ts'
export * from './schema/outcomes.ts'
export * from './schema/repositories.ts'
export * from './schema/snapshot-archives.ts'
export * from './schema/task-leases.ts'
export * from './schema/tasks.ts'
export * from './schema/workers.ts'
