import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Mirror } from '../git/index.ts'
import type { Sandbox } from '../sandboxes/types.ts'
import { changesBetween, checkoutSnapshot } from '../snapshot/index.ts'

/** A host folder that stays until its holder lets it go. */
export interface Held {
  readonly folder: string
  release(): Promise<void>
}

/** Snapshots laid out on disk for runs, each shared by all runs that want it; a few are kept for the next stage. */
export interface WorkTrees {
  snapshot(mirror: Mirror, tree: string, tag: string | null): Promise<Held>
  /** What makes one tree into another, as a folder for one run; null where they are the same. */
  changes(mirror: Mirror, from: string, to: string): Promise<(Held & { readonly deletes: boolean }) | null>
  close(): Promise<void>
}

const keptIdle = 3
/** More than the states of all candidates that are worked on side by side, so that one in use is never the oldest. */
const keptTemplates = 200

interface Shelf {
  readonly folder: Promise<string>
  holders: number
}

/** `root` belongs to this process alone, and goes with it. */
export function makeWorkTrees(root: string, sandbox: Sandbox): WorkTrees {
  const shelves = new Map<string, Shelf>()
  const templates = new Map<string, Promise<{ readonly folder: string; readonly deletes: boolean }>>()

  const layOut = async (mirror: Mirror, tree: string, tag: string | null) => {
    await mkdir(root, { recursive: true })
    const folder = await mkdtemp(join(root, 'snapshot-'))
    await checkoutSnapshot(mirror, tree, folder, tag === null ? {} : { tag })
    await sandbox.adopt(folder)
    return folder
  }
  /** A candidate's states are run many times each: git writes each state's files once, and every run gets a copy. */
  const templateOf = (mirror: Mirror, from: string, to: string) => {
    const key = `${from} ${to}`
    const known = templates.get(key)
    if (known !== undefined) return known
    const [oldest] = templates.size < keptTemplates ? [] : templates.entries()
    if (oldest !== undefined) {
      templates.delete(oldest[0])
      oldest[1].then(({ folder }) => rm(folder, { recursive: true, force: true })).catch(() => undefined)
    }
    const writing = writeTemplate(mirror, from, to)
    templates.set(key, writing)
    writing.catch(() => templates.delete(key))
    return writing
  }
  const writeTemplate = async (mirror: Mirror, from: string, to: string) => {
    await mkdir(root, { recursive: true })
    const folder = await mkdtemp(join(root, 'template-'))
    const { deleted } = await changesBetween(mirror, from, to, folder)
    return { folder, deletes: deleted.length > 0 }
  }
  /** The map's order is that of the last use: the first idle ones have waited longest. */
  const clear = async (keep: number) => {
    const idle = [...shelves].filter(([, shelf]) => shelf.holders === 0)
    for (const [key, shelf] of idle.slice(0, Math.max(0, idle.length - keep))) {
      shelves.delete(key)
      await rm(await shelf.folder, { recursive: true, force: true })
    }
  }

  return {
    async snapshot(mirror, tree, tag) {
      const key = `${tree} ${tag ?? ''}`
      const shelf = shelves.get(key) ?? { folder: layOut(mirror, tree, tag), holders: 0 }
      shelves.delete(key)
      shelves.set(key, shelf)
      shelf.holders += 1
      const release = async () => {
        shelf.holders -= 1
        await clear(keptIdle)
      }
      try {
        return { folder: await shelf.folder, release }
      } catch (error) {
        shelves.delete(key)
        throw error
      }
    },

    async changes(mirror, from, to) {
      if (from === to) return null
      const template = await templateOf(mirror, from, to)
      const folder = await mkdtemp(join(root, 'changes-'))
      await cp(template.folder, folder, { recursive: true, verbatimSymlinks: true })
      await sandbox.adopt(folder)
      return { folder, deletes: template.deletes, release: () => rm(folder, { recursive: true, force: true }) }
    },

    async close() {
      await rm(root, { recursive: true, force: true })
    },
  }
}
