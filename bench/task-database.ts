import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type Database, openDatabase } from '../src/db/connect.ts'
import { loadTasks } from './synthetic-tasks.ts'
import { tell } from './tell.ts'

/**
 * A database of Quarry's own server with so many synthetic tasks: made once under .quarry/bench (or the folder given), and used again. The
 * caller closes it.
 */
export async function openTaskDatabase(tasks: number, folder: string | undefined): Promise<Database> {
  const home = resolve(folder ?? `.quarry/bench/tasks-${tasks}`)
  await mkdir(home, { recursive: true })
  const database = await openDatabase({ home, connections: 12 })
  const mark = join(home, 'loaded')
  const loaded = await readFile(mark, 'utf8').catch(() => '')
  if (loaded !== String(tasks)) {
    const began = Date.now()
    tell(`loading ${tasks} tasks into ${home}`)
    await loadTasks(database.settings, { tasks, statement: tasks > 2_000_000 ? 250 : 1500 })
    await writeFile(mark, String(tasks))
    tell(`loaded in ${Math.round((Date.now() - began) / 1000)} s`)
  }
  return database
}
