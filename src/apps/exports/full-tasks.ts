import type { FullTask } from '../../query/tasks.ts'
import type { FoundTask } from '../../query/types.ts'

/** The tasks that were found, whole, one at a time, as `read` gives them by `name@revision`. Those that were erased are left out. */
export async function* fullTasks(
  found: AsyncIterable<FoundTask>,
  read: (id: string) => Promise<FullTask | null>,
): AsyncGenerator<FullTask> {
  for await (const { name, revision, erasedAt } of found) {
    const task = erasedAt === null ? await read(`${name}@${revision}`) : null
    if (task !== null) yield task
  }
}
