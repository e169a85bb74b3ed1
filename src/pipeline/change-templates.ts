import { cp, mkdir, mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import type { Mirror } from '../git/index.ts'
import { removeDeep } from '../sandboxes/removal.ts'
import { changesBetween } from '../snapshot/index.ts'

/** A candidate's states are run many times each: git writes each state's files once, and every run gets a copy. */
export interface ChangeTemplates {
  /** A fresh folder with what makes one tree into another. */
  copy(mirror: Mirror, from: string, to: string): Promise<{ readonly folder: string; readonly deletes: boolean }>
  /** Removes all that are kept: what is being copied, as soon as it is not. */
  forget(): Promise<void>
}

/** More than the states of all candidates that are worked on side by side, so that one in use is never the oldest. */
const kept = 200

interface Template {
  readonly made: Promise<{ readonly folder: string; readonly deletes: boolean }>
  copies: number
  dropped: boolean
}

export function makeChangeTemplates(root: string): ChangeTemplates {
  const templates = new Map<string, Template>()

  const templateOf = (mirror: Mirror, from: string, to: string): Template => {
    const key = `${from} ${to}`
    const known = templates.get(key)
    if (known !== undefined) return known
    const [oldest] = templates.size < kept ? [] : templates.keys()
    if (oldest !== undefined) drop(oldest).catch(() => undefined)
    const template: Template = { made: writeChanges(root, mirror, from, to), copies: 0, dropped: false }
    templates.set(key, template)
    template.made.catch(() => templates.delete(key))
    return template
  }
  const drop = async (key: string): Promise<void> => {
    const template = templates.get(key)
    templates.delete(key)
    if (template === undefined) return
    template.dropped = true
    await removeUnused(template)
  }
  return {
    async copy(mirror, from, to) {
      const template = templateOf(mirror, from, to)
      template.copies += 1
      try {
        const { folder, deletes } = await template.made
        const fresh = await mkdtemp(join(root, 'changes-'))
        await cp(folder, fresh, { recursive: true, verbatimSymlinks: true })
        return { folder: fresh, deletes }
      } finally {
        template.copies -= 1
        await removeUnused(template)
      }
    },
    async forget() {
      for (const key of [...templates.keys()]) await drop(key)
    },
  }
}

/** The same without keeping any. */
export async function writeChanges(
  root: string,
  mirror: Mirror,
  from: string,
  to: string,
): Promise<{ readonly folder: string; readonly deletes: boolean }> {
  await mkdir(root, { recursive: true })
  const folder = await mkdtemp(join(root, 'template-'))
  const { deleted } = await changesBetween(mirror, from, to, folder)
  return { folder, deletes: deleted.length > 0 }
}

async function removeUnused({ made, copies, dropped }: Template): Promise<void> {
  if (!dropped || copies > 0) return
  // One that could not be written is told to whoever wanted it.
  const folder = await made.then((template) => template.folder).catch(() => null)
  if (folder !== null) await removeDeep(folder)
}
