import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { reportersFolder } from '../../test-frameworks/index.ts'

/** The Java sources of our reporters in these folders: path and text of each. */
export async function extensionFiles(...folders: readonly string[]): Promise<readonly (readonly [string, string])[]> {
  const files: (readonly [string, string])[] = []
  for (const folder of folders) {
    const sources = join(reportersFolder, folder, 'quarry')
    const names = (await readdir(sources)).filter((name) => name.endsWith('.java')).sort()
    for (const name of names) files.push([join(sources, name), await readFile(join(sources, name), 'utf8')])
  }
  return files
}

export async function isThere(path: string): Promise<boolean> {
  return readFile(path).then(
    () => true,
    () => false,
  )
}
