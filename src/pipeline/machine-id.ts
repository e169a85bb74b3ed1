import { randomUUID } from 'node:crypto'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { Fault } from '../errors.ts'

/** Names a data folder for good: a machine, as far as erasures go. Made at the first call; of several processes one wins. */
export async function machineId(home: string): Promise<string> {
  const path = join(home, 'machine')
  const known = await read(path)
  if (known !== null) return known
  await mkdir(home, { recursive: true, mode: 0o700 })
  const fresh = `${path}.${randomUUID()}`
  await writeFile(fresh, `${randomUUID()}\n`, { mode: 0o600 })
  await link(fresh, path).catch(unlessThere)
  await rm(fresh)
  return (await read(path)) ?? machineId(home)
}

async function read(path: string): Promise<string | null> {
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) return null
  const parsed = z.guid().safeParse(text.trim())
  if (parsed.success) return parsed.data
  throw new Fault('disk', `${path} does not name this data folder`, { mend: `remove ${path}` })
}

function unlessThere(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
}
