import { removeDeep } from '../sandboxes/removal.ts'

/** A host folder that stays until its holder lets it go. */
export interface Held {
  readonly folder: string
  release(): Promise<void>
}

/** Folders by key, each made once and shared by all who hold it; a few that nobody holds are kept for whoever comes next. */
export interface Shelves {
  hold(key: string, make: () => Promise<string>): Promise<Held>
  /** Removes what is kept and idle; what is in use now goes as soon as it is not. */
  forget(): Promise<void>
}

interface Shelf {
  readonly folder: Promise<string>
  holders: number
}

export function makeShelves(keptIdle: number): Shelves {
  const shelves = new Map<string, Shelf>()
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
    async hold(key, make) {
      const shelf = shelves.get(key) ?? { folder: make(), holders: 0 }
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
    async forget() {
      // Off the shelf while it is in use: its last holder removes it.
      const idle = [...shelves.values()].filter(({ holders }) => holders === 0)
      shelves.clear()
      for (const { folder } of idle) await removeDeep(await folder)
    },
  }
}
