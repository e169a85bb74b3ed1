import { existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { openDatabase } from '../../../db/connect.ts'

export interface DemoFolder {
  /** Quarry's data folder of the demo. */
  readonly home: string
  /** An empty folder for the sample repository. */
  readonly repository: string
}

/**
 * Makes the demo's folders anew. A demo that was killed may have left its database running: opening and closing it
 * stops it, before its data goes.
 */
export async function freshFolder(folder: string): Promise<DemoFolder> {
  const home = join(folder, 'home')
  const repository = join(folder, 'repository')
  if (existsSync(join(home, 'postgres'))) await (await openDatabase({ home })).close()
  await rm(folder, { recursive: true, force: true })
  await mkdir(home, { recursive: true })
  await mkdir(repository, { recursive: true })
  return { home, repository }
}
