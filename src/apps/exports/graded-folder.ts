import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { messageOf, UserError } from '../../errors.ts'
import { patchDigest } from '../../grade/patch-digest.ts'

const markSchema = z.object({
  patch: z.string(),
  content_hash: z.string(),
  verdict: z.enum(['resolved', 'unresolved', 'patch-rejected', 'fault']),
  reason: z.string().nullable(),
})

/** What a report in the folder was made from. */
export type GradedMark = z.infer<typeof markSchema>

/** The reports of a run, laid out as SWE-bench's harness lays them out: one folder a model and instance. */
export interface GradedFolder {
  /** What was graded for this instance before, of this very patch on this very task; null: nothing, or it was a fault. */
  find(model: string, instance: string, patch: string, contentHash: string): Promise<GradedMark | null>
  keep(model: string, instance: string, mark: GradedMark, report: object): Promise<void>
}

export function openGradedFolder(root: string, run: string): GradedFolder {
  const folderOf = (model: string, instance: string) =>
    join(root, 'logs', 'run_evaluation', run, safe(model), safe(instance))
  return {
    async find(model, instance, patch, contentHash) {
      const mark = await readMark(join(folderOf(model, instance), 'quarry.json'))
      const isSame = mark?.patch === patchDigest(patch) && mark.content_hash === contentHash
      return isSame && mark.verdict !== 'fault' ? mark : null
    },
    async keep(model, instance, mark, report) {
      const folder = folderOf(model, instance)
      await writeWhole(join(folder, 'report.json'), report)
      // Last: where it is, the report is whole.
      await writeWhole(join(folder, 'quarry.json'), mark)
    },
  }
}

/** As SWE-bench names folders; a name of dots alone would lead elsewhere. */
export function safe(name: string): string {
  const flat = name.replaceAll('/', '__').replaceAll('\0', '')
  return /^\.+$/.test(flat) ? `_${flat}` : flat
}

async function readMark(file: string): Promise<GradedMark | null> {
  const text = await readFile(file, 'utf8').catch(() => null)
  if (text === null) return null
  try {
    return markSchema.safeParse(JSON.parse(text)).data ?? null
  } catch {
    // Not ours, or cut short: graded again.
    return null
  }
}

/** Writes JSON to a file, whole or not at all. Throws UserError where it can't. */
export async function writeWhole(file: string, value: object): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true })
    const partial = `${file}.${process.pid}.partial`
    await writeFile(partial, `${JSON.stringify(value, null, 4)}\n`)
    await rename(partial, file)
  } catch (cause) {
    throw new UserError(`${file} can't be written: ${messageOf(cause)}`, {
      mend: 'name a path in a folder that you may write to',
      cause,
    })
  }
}
