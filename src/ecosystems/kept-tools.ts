import { readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

const markSchema = z.object({ digest: z.string() })

/** The file in a kept tool's folder that names what it was made of; it is there once the tool is whole. */
export const markName = 'quarry-tool.json'

/** The mark's text. */
export function markText(digest: string): string {
  return JSON.stringify({ digest })
}

/** The digest that a kept tool's mark names; null: the tool is not there. */
export async function readMark(folder: string): Promise<string | null> {
  try {
    return markSchema.parse(JSON.parse(await readFile(join(folder, markName), 'utf8'))).digest
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

/** Another process may have been first; its copy is as good. */
export async function putInPlace(aside: string, folder: string): Promise<void> {
  try {
    await rename(aside, folder)
  } catch (error) {
    if ((await readMark(folder)) === null) throw error
  }
}
