import { existsSync } from 'node:fs'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { startOf, thisProcess } from '../../../db/process-identity.ts'
import { joinServer } from '../../../db/server.ts'

export interface DemoFolder {
  /** Quarry's data folder of the demo. */
  readonly home: string
  /** An empty folder for the sample repository. */
  readonly repository: string
}

/** Makes folders for this run of the demo. They stay, to be looked at, until the next run takes them away. */
export async function freshFolder(parent: string): Promise<DemoFolder> {
  const { pid, processStart } = thisProcess()
  const folder = join(parent, `${pid}-${processStart}`)
  const repository = join(folder, 'repository')
  await mkdir(repository, { recursive: true })
  for (const name of await readdir(parent)) if (isLeft(name)) await removeRun(join(parent, name))
  const home = join(folder, 'home')
  await mkdir(home)
  return { home, repository }
}

/** Whether the process that a folder is named for is gone: several demos may run at the same time. */
function isLeft(name: string): boolean {
  const [pid = '', processStart] = name.split('-')
  return startOf(Number(pid)) !== processStart
}

/** A demo that was killed may have left its database running: joining and leaving it stops it, before its data goes. */
async function removeRun(folder: string): Promise<void> {
  const home = join(folder, 'home')
  if (existsSync(join(home, 'postgres'))) await (await joinServer(home)).close()
  await rm(folder, { recursive: true, force: true })
}
