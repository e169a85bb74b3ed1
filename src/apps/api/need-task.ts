import type { Caller } from '../../access/index.ts'
import { asCaller } from '../../db/as-caller.ts'
import type { Db, Tx } from '../../db/connect.ts'
import { type FullTask, findTask, isErased } from '../../query/tasks.ts'
import { notFound, Problem } from './problem.ts'

/** The task of that name with what `read` adds in the same transaction. Throws the 404 where it does not exist for this caller. */
export async function needTask(db: Db, caller: Caller, id: string): Promise<FullTask>
export async function needTask<T>(
  db: Db,
  caller: Caller,
  id: string,
  read: (tx: Tx, task: FullTask) => Promise<T>,
): Promise<T>
export async function needTask<T>(
  db: Db,
  caller: Caller,
  id: string,
  read?: (tx: Tx, task: FullTask) => Promise<T>,
): Promise<T | FullTask> {
  return asCaller(db, caller, async (tx) => {
    const task = await findTask(tx, id, caller)
    if (task !== null) return read === undefined ? task : read(tx, task)
    if (await isErased(tx, id, caller))
      throw new Problem(404, 'erased', `the task ${id} was erased: take it out of your set`)
    throw notFound(`task ${id}`)
  })
}
