import { constants } from 'node:fs'
import { copyFile, mkdir, readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Copies the packs of a source on this machine into a mirror that has none yet, so that the first fetch need not pack and index half
 * a gigabyte anew. The fetch that follows still walks all history, and brings what is missing.
 * A source that borrows objects from elsewhere is left to the fetch alone.
 */
export async function seedPacks(mirrorFolder: string, sourceFolder: string): Promise<void> {
  const from = join(sourceFolder, 'objects')
  const into = join(mirrorFolder, 'objects/pack')
  await mkdir(into, { recursive: true })
  if ((await readdir(into)).some((name) => name.endsWith('.pack'))) return
  if ((await namesIn(join(from, 'info'))).includes('alternates')) return
  const names = await namesIn(join(from, 'pack'))
  for (const pack of names.filter((name) => /^pack-[0-9a-f]+\.pack$/.test(name))) {
    const index = pack.replace(/pack$/, 'idx')
    if (!names.includes(index)) continue
    // A pack counts from the moment its index is there, so the index comes last, and each in one step.
    for (const name of [pack, index]) {
      const aside = join(into, `tmp_seed_${name}`)
      await copyFile(join(from, 'pack', name), aside, constants.COPYFILE_FICLONE)
      await rename(aside, join(into, name))
    }
  }
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => [])
}
