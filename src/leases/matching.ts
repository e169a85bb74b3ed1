import { type SQL, sql } from 'drizzle-orm'
import { asCallerWithin, type Seeing } from '../db/as-caller.ts'
import type { Tx } from '../db/connect.ts'
import { conditionsOf } from '../query/conditions.ts'
import type { TaskFilter } from '../query/filter.ts'
import { sourceOf } from '../query/keys.ts'
import { isOfKinds } from '../query/kinds.ts'
import { prepareSearch, type Search } from '../query/search.ts'

/** Who asks, and for what: as of the last publication at the time when it was made. */
export interface Wish {
  readonly caller: Seeing
  readonly search: Search
}

/**
 * Looks up what a filter names. The consumer's lock is held: nothing that a walk has seen is newer then. Throws `RefusedQuery` for a text
 * without a word.
 */
export async function makeWish(tx: Tx, caller: Seeing, filter: TaskFilter): Promise<Wish> {
  const search = await asCallerWithin(tx, caller, () => prepareSearch(tx, caller, filter))
  return { caller, search }
}

/** The tasks of a wish, newest revision of each: (task_id, sequence, repository). For what names tasks or repositories by itself. */
export function matching({ search }: Wish): SQL {
  return sql`select listing.task_id, listing.sequence, listing.repository from listings listing
    where ${conditionsOf(search, { indexed: false })}`
}

/** The same for what goes through all of them: by the indexes of what was asked. */
export function allMatching({ search }: Wish): SQL {
  return sql`select listing.task_id, listing.sequence, listing.repository from ${sourceOf(search)} listing
    where ${conditionsOf(search, { indexed: true })}`
}

/** That a repository, by its name in lower case, ever had a task of the kinds that are asked for: of any other nothing matches. */
export function mayMatch({ search: { kinds } }: Wish, repository: SQL): SQL {
  if (kinds === null) return sql`true`
  const isOne = isOfKinds(kinds, { indexed: false }, sql`k.kind_id`)
  return sql`exists (select from repository_kinds k where k.repository = ${repository} and ${isOne})`
}

/** Reads as the wish's caller: what row-level security keeps from it is not there. */
export function seen<T>(tx: Tx, { caller }: Wish, read: () => Promise<T>): Promise<T> {
  return asCallerWithin(tx, caller, read)
}
