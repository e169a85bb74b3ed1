import { asCaller } from '../../src/db/as-caller.ts'
import type { Db } from '../../src/db/connect.ts'
import type { TaskQueryInput } from '../../src/query/filter.ts'
import { findPage, streamTasks } from '../../src/query/find.ts'
import { readQuery } from '../../src/query/refused.ts'
import type { FoundTask } from '../../src/query/types.ts'

const everyone = { owners: null }

/** All tasks that match, for whoever sees all, in the order of publication. */
export async function foundTasks(db: Db, query: TaskQueryInput = {}): Promise<FoundTask[]> {
  const found: FoundTask[] = []
  for await (const task of streamTasks(db, everyone, readQuery({ sort: 'oldest', ...query }))) found.push(task)
  return found
}

/** What `as_of` may name at most. */
export async function lastSequence(db: Db): Promise<number> {
  return (await asCaller(db, everyone, (tx) => findPage(tx, everyone, readQuery({ limit: 1 })))).asOf
}
