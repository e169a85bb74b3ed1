import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import type { Mirror } from '../git/index.ts'
import { removeDeep } from '../sandboxes/removal.ts'
import type { Sandbox } from '../sandboxes/types.ts'
import { checkoutSnapshot } from '../snapshot/index.ts'
import { type KeptBuilds, makeKeptBuilds } from '../test-runs/kept-builds.ts'
import { makeChangeTemplates, writeChanges } from './change-templates.ts'
import { type Held, makeShelves } from './shelves.ts'

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
  /** A path of one's own below the root, for whoever makes and removes it. */
  folder(): string
  /** Removes what is kept and idle; what is in use now goes as soon as it is not. */
  forget(): Promise<void>
  close(): Promise<void>
}

const keptIdle = 3

/** `root` belongs to this process alone, and goes with it. */
export function makeWorkTrees(root: string, sandbox: Sandbox): WorkTrees {
  const shelves = makeShelves(keptIdle)
  const templates = makeChangeTemplates(root)

  const layOut = async (mirror: Mirror, tree: string, tag: string | null) => {
    await mkdir(root, { recursive: true })
    const folder = await mkdtemp(join(root, 'snapshot-'))
    await checkoutSnapshot(mirror, tree, folder, tag === null ? {} : { tag })
    await sandbox.adopt(folder)
    return folder
  }

  return {
    snapshot: (mirror, tree, tag) => shelves.hold(`${tree} ${tag ?? ''}`, () => layOut(mirror, tree, tag)),

    async changes(mirror, from, to, once) {
      if (from === to) return null
      const { folder, deletes } = await (once ? writeChanges(root, mirror, from, to) : templates.copy(mirror, from, to))
      await sandbox.adopt(folder)
      return { folder, deletes, release: () => removeDeep(folder) }
    },

    builds: () => makeKeptBuilds(join(root, `builds-${randomUUID()}`)),

    folder: () => join(root, `states-${randomUUID()}`),

    async forget() {
      await shelves.forget()
      await templates.forget()
    },

    async close() {
      await removeDeep(root)
    },
  }
}
