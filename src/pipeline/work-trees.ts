import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import type { Mirror } from '../git/index.ts'
import { removeDeep } from '../sandboxes/removal.ts'
import type { Sandbox } from '../sandboxes/types.ts'
import { checkoutSnapshot } from '../snapshot/index.ts'
import { type KeptBuilds, makeKeptBuilds } from '../test-runs/kept-builds.ts'
import { makeChangeTemplates, writeChanges } from './change-templates.ts'

/** A host folder that stays until its holder lets it go. */
export interface Held {
  readonly folder: string
  release(): Promise<void>
}

/** Snapshots laid out on disk for runs, each shared by all runs that want it; a few are kept for the next stage. */
export interface WorkTrees {
  snapshot(mirror: Mirror, tree: string, tag: string | null): Promise<Held>
  /**
   * What makes one tree into another, as a folder for one run; null where they are the same. `once`: the next run is of another state,
   * and nothing is kept for it.
   */
  changes(
    mirror: Mirror,
    from: string,
    to: string,
    once: boolean,
  ): Promise<(Held & { readonly deletes: boolean }) | null>
  /** A place for what is built of trees; its holder closes it. */
  builds(): KeptBuilds
  /** Removes what is kept and idle; what is in use now goes as soon as it is not. */
  forget(): Promise<void>
  close(): Promise<void>
}

const keptIdle = 3

interface Shelf {
  readonly folder: Promise<string>
  holders: number
}

/** `root` belongs to this process alone, and goes with it. */
export function makeWorkTrees(root: string, sandbox: Sandbox): WorkTrees {
  const shelves = new Map<string, Shelf>()
  const templates = makeChangeTemplates(root)

  const layOut = async (mirror: Mirror, tree: string, tag: string | null) => {
    await mkdir(root, { recursive: true })
    const folder = await mkdtemp(join(root, 'snapshot-'))
    await checkoutSnapshot(mirror, tree, folder, tag === null ? {} : { tag })
    await sandbox.adopt(folder)
    return folder
  }
  /** The map's order is that of the last use: the first idle ones have waited longest. */
  const clear = async (keep: number) => {
    const idle = [...shelves].filter(([, shelf]) => shelf.holders === 0)
    for (const [key, shelf] of idle.slice(0, Math.max(0, idle.length - keep))) {
      // Another may have taken it while the one before was removed.
      if (shelf.holders > 0) continue
      shelves.delete(key)
      await removeDeep(await shelf.folder)
    }
  }
  const release = async (key: string, shelf: Shelf) => {
    shelf.holders -= 1
    if (shelf.holders === 0 && shelves.get(key) !== shelf) await removeDeep(await shelf.folder)
    await clear(keptIdle)
  }

  return {
    async snapshot(mirror, tree, tag) {
      const key = `${tree} ${tag ?? ''}`
      const shelf = shelves.get(key) ?? { folder: layOut(mirror, tree, tag), holders: 0 }
      shelves.delete(key)
      shelves.set(key, shelf)
      shelf.holders += 1
      try {
        return { folder: await shelf.folder, release: () => release(key, shelf) }
      } catch (error) {
        shelves.delete(key)
        throw error
      }
    },

    async changes(mirror, from, to, once) {
      if (from === to) return null
      const { folder, deletes } = await (once ? writeChanges(root, mirror, from, to) : templates.copy(mirror, from, to))
      await sandbox.adopt(folder)
      return { folder, deletes, release: () => removeDeep(folder) }
    },

    builds: () => makeKeptBuilds(join(root, `builds-${randomUUID()}`)),

    async forget() {
      // Off the shelf while it is in use: its last holder removes it.
      const idle = [...shelves.values()].filter(({ holders }) => holders === 0)
      shelves.clear()
      for (const { folder } of idle) await removeDeep(await folder)
      await templates.forget()
    },

    async close() {
      await removeDeep(root)
    },
  }
}
