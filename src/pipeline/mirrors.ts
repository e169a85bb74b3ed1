import { stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Db } from '../db/connect.ts'
import { withLease } from '../db/leases.ts'
import { noteMachine } from '../erasure/machines.ts'
import { forgottenPulls, forgottenSince } from '../erasure/standing.ts'
import { Fault } from '../errors.ts'
import { type Mirror, openMirror, type Source, type UpdateOptions, updateMirror } from '../git/index.ts'
import { machineId } from './machine-id.ts'
import { markMirror, mirrorFolder, unmarkMirror } from './mirror-folders.ts'

/** The bare mirrors of this machine, one a repository, opened once a process. */
export interface Mirrors {
  /** Brings the mirror up to date from its source and opens it. Throws the `Fault` `forgotten` for an erased repository. */
  update(repositoryId: number, source: Source, options?: UpdateOptions): Promise<Mirror>
  /** The mirror as it is; fetched from `source` where this machine has none, or none any more. */
  open(repositoryId: number, source: () => Promise<Source>): Promise<Mirror>
  close(): Promise<void>
}

/** Who works with a mirror, and who removes it, holds this lease where it makes or changes refs. */
export const mirrorLease = (repositoryId: number) => `mirror:${repositoryId}`

export function makeMirrors(home: string, db: Db): Mirrors {
  const opened = new Map<number, Promise<Mirror>>()
  const folderOf = (id: number) => mirrorFolder(home, id)

  const remember = (id: number, opening: Promise<Mirror>) => {
    opened.set(id, opening)
    opening.catch(() => opened.delete(id))
    return opening
  }
  const drop = async (id: number) => {
    const known = opened.get(id)
    opened.delete(id)
    await (await known)?.close()
  }
  return {
    async update(id, source, options) {
      await markMirror(home, id)
      const held = opened.get(id)
      // One that was removed since is opened anew.
      if (held === undefined || !(await held.then(() => isThere(id)))) {
        await drop(id)
        return remember(id, fetchInto(id, source, options))
      }
      // Others read from it at this moment. git finds what a fetch brings without being started anew.
      await (await fetchInto(id, source, options)).close()
      return held
    },
    async open(id, source) {
      await markMirror(home, id)
      const known = opened.get(id)
      // One that is being opened is whole when it is; one that was opened may have been removed since.
      if (known !== undefined && (await known.then(() => isThere(id)))) return known
      if (known !== undefined && opened.get(id) === known) await drop(id)
      return opened.get(id) ?? remember(id, openOrFetch(id, source))
    },
    async close() {
      for (const [id, mirror] of opened) {
        await (await mirror).close()
        await unmarkMirror(home, id)
      }
      opened.clear()
    },
  }

  async function openOrFetch(id: number, source: () => Promise<Source>): Promise<Mirror> {
    return (await isThere(id)) ? openMirror(folderOf(id)) : fetchInto(id, await source())
  }

  function isThere(id: number): Promise<boolean> {
    return stat(join(folderOf(id), 'HEAD')).then(
      () => true,
      () => false,
    )
  }

  /** The machine is known before it has anything to forget; and what was erased is asked for under the lease that its removal takes. */
  async function fetchInto(id: number, source: Source, options: UpdateOptions = {}): Promise<Mirror> {
    await noteMachine(db, await machineId(home), hostname())
    return withLease(db, mirrorLease(id), async () => {
      if ((await forgottenSince(db, id)) !== null)
        throw new Fault('forgotten', `the repository ${source.name.owner}/${source.name.name} was erased`)
      return updateMirror(folderOf(id), source, { ...options, without: [...(await forgottenPulls(db, id))] })
    })
  }
}
