import { and, eq, inArray, type SQL, sql } from 'drizzle-orm'
import { candidates, type erasures, pulls, tasks } from '../db/schema.ts'

/** What is retired or erased: a whole repository, one of its pulls, or some tasks. */
export interface Scope {
  readonly repositoryId: number
  /** Null: all of them. */
  readonly pull: number | null
}

/** Why, as the publication of a retirement and the ledger tell it. */
export type RetirementReason = (typeof erasures.$inferSelect)['reason']

export function pullsIn({ repositoryId, pull }: Scope): SQL {
  return sql`(select ${pulls.id} from ${pulls} where ${pulls.repositoryId} = ${repositoryId}
    and (${pull}::int is null or ${pulls.number} = ${pull}::int))`
}

export function candidatesIn(scope: Scope): SQL {
  return sql`(select ${candidates.id} from ${candidates} where ${candidates.pullId} in ${pullsIn(scope)})`
}

/** A tombstone may have lost its candidate, so that tasks are told by what they are called. */
export function tasksIn({ repositoryId, pull }: Scope): SQL | undefined {
  return and(eq(tasks.repositoryId, repositoryId), pull === null ? undefined : eq(tasks.pull, pull))
}

export function tasksOf(which: Scope | { readonly tasks: readonly number[] }): SQL | undefined {
  return 'tasks' in which ? inArray(tasks.id, [...which.tasks]) : tasksIn(which)
}
