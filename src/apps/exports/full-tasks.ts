import { asCaller, type Seeing } from '../../db/as-caller.ts'
import type { Db } from '../../db/connect.ts'
import type { TaskQuery } from '../../query/filter.ts'
import { streamTasks } from '../../query/find.ts'
import { type FullTask, taskWithId } from '../../query/tasks.ts'

/**
 * The matching tasks whole, one at a time, each read when it is asked for; at most so many as `most`, null: all. Those that were erased
 * are left out. Throws `RefusedQuery` at the first step.
 */
export async function* fullTasks(
  db: Db,
  caller: Seeing,
  query: TaskQuery,
  most: number | null,
): AsyncGenerator<FullTask> {
  let given = 0
  for await (const { id, erasedAt } of streamTasks(db, caller, query)) {
    if (most !== null && given >= most) return
    const task = erasedAt === null ? await asCaller(db, caller, (tx) => taskWithId(tx, id)) : null
    if (task === null) continue
    given += 1
    yield task
  }
}
