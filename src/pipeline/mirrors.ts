import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Db } from '../db/connect.ts'
import { withLease } from '../db/leases.ts'
import { type Mirror, openMirror, type Source, type UpdateOptions, updateMirror } from '../git/index.ts'

/** The bare mirrors of this machine, one a repository, opened once a process. */
export interface Mirrors {
  /** Brings the mirror up to date from its source and opens it. */
  update(repositoryId: number, source: Source, options?: UpdateOptions): Promise<Mirror>
  /** The mirror as it is; fetched from `source` where this machine has none yet. */
  open(repositoryId: number, source: () => Promise<Source>): Promise<Mirror>
  close(): Promise<void>
}

export function makeMirrors(home: string, db: Db): Mirrors {
  const opened = new Map<number, Promise<Mirror>>()
  const folderOf = (id: number) => join(home, 'mirrors', `${id}.git`)
  const fetchInto = (id: number, source: Source, options: UpdateOptions = {}) =>
    withLease(db, `mirror:${id}`, () => updateMirror(folderOf(id), source, options))

  const remember = (id: number, opening: Promise<Mirror>) => {
    opened.set(id, opening)
    opening.catch(() => opened.delete(id))
    return opening
  }
  return {
    async update(id, source, options) {
      const held = opened.get(id)
      if (held === undefined) return remember(id, fetchInto(id, source, options))
      // Others read from it at this moment. git finds what a fetch brings without being started anew.
      await (await fetchInto(id, source, options)).close()
      return held
    },
    open(id, source) {
      return opened.get(id) ?? remember(id, openOrFetch(id, source))
    },
    async close() {
      for (const mirror of opened.values()) await (await mirror).close()
      opened.clear()
    },
  }

  async function openOrFetch(id: number, source: () => Promise<Source>): Promise<Mirror> {
    const there = await stat(join(folderOf(id), 'HEAD')).then(
      () => true,
      () => false,
    )
    return there ? openMirror(folderOf(id)) : fetchInto(id, await source())
  }
}
