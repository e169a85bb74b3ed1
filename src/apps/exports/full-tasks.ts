import type { Db } from '../../db/connect.ts'
import { type FullTask, findTask, findTasks, type TaskFilter } from '../../query/tasks.ts'

/** The matching tasks whole, one at a time. Those that were erased are left out. */
export async function* fullTasks(db: Db, filter: TaskFilter): AsyncGenerator<FullTask> {
  for (const { name, revision, erasedAt } of await findTasks(db, filter)) {
    const task = erasedAt === null ? await findTask(db, `${name}@${revision}`) : null
    if (task !== null) yield task
  }
}
