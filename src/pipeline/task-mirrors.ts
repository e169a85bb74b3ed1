import { eq } from 'drizzle-orm'
import type { Db } from '../db/connect.ts'
import { repositories } from '../db/schema.ts'
import { Fault } from '../errors.ts'
import type { Mirror } from '../git/index.ts'
import type { FullTask } from '../query/tasks.ts'
import { has, restoreTrees } from './candidate-mirror.ts'
import { type Mirrors, makeMirrors } from './mirrors.ts'
import { makeSources, type Sources } from './sources.ts'

/**
 * The mirror that holds a task's trees, out of those a process has open: fetched where this machine has none, and the trees built again
 * where another machine made them or the mirror had to go.
 */
export async function openTaskMirror(mirrors: Mirrors, sources: Sources, db: Db, task: FullTask): Promise<Mirror> {
  const [repository] = await db.select().from(repositories).where(eq(repositories.id, task.repositoryId))
  if (repository === undefined) throw new Fault('database', `the repository of ${task.name} is not there`)
  const source = () => sources(repository)
  let mirror = await mirrors.open(repository.id, source)
  if (!(await has(mirror, task.snapshot.baseTree))) mirror = await mirrors.update(repository.id, await source())
  await restoreTrees(mirror, task.snapshot)
  return mirror
}

/** The same for a command that needs no more of a workshop. */
export async function mirrorOfTask(
  home: string,
  db: Db,
  task: FullTask,
): Promise<{ mirror: Mirror; close(): Promise<void> }> {
  const mirrors = makeMirrors(home, db)
  return { mirror: await openTaskMirror(mirrors, makeSources(null), db, task), close: () => mirrors.close() }
}
