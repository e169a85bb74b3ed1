import { openFolderBlobs } from '../../blobs/folder.ts'
import type { Blobs } from '../../blobs/types.ts'
import type { Config } from '../../config.ts'
import type { Db } from '../../db/connect.ts'
import type { ExportSources } from '../../export/index.ts'
import type { GitHubAccess } from '../../github/index.ts'
import type { Log } from '../../log.ts'
import { makeMirrors } from '../../pipeline/mirrors.ts'
import { makeSnapshotArchives, type SnapshotArchives } from '../../pipeline/snapshot-archives.ts'
import { makeSources } from '../../pipeline/sources.ts'
import { watchErasures } from '../../pipeline/watch-erasures.ts'
import type { Workshop } from '../../pipeline/workshop.ts'
import { makeExportSources } from '../exports/sources.ts'

interface SnapshotsRequest {
  readonly config: Config
  readonly db: Db
  readonly github: GitHubAccess | null
  /** Of the worker inside; null: there is none, and this process has mirrors of its own. */
  readonly workshop: Workshop | null
  readonly log: Log
}

interface Shelf {
  readonly blobs: Blobs
  readonly snapshots: SnapshotArchives
  readonly exports: ExportSources
  close(): Promise<void>
}

const nothingMore = () => Promise.resolve()

/** The blobs of this machine, the snapshots that are kept there, and what exports read; `close` lets go of what was opened for them. */
export async function openSnapshots(request: SnapshotsRequest): Promise<Shelf> {
  const { config, db, github, workshop, log } = request
  const { home, diskBudgetBytes: diskBudget } = config
  if (workshop !== null) {
    const { blobs, mirrors, sources } = workshop
    return {
      blobs,
      snapshots: makeSnapshotArchives({ home, db, blobs, mirrors, sources, diskBudget }),
      exports: makeExportSources({ db, blobs, mirrors, sources }),
      close: nothingMore,
    }
  }
  const blobs = await openFolderBlobs(config.blobs)
  const mirrors = makeMirrors(home, db)
  const sources = makeSources(github)
  // A machine that fetches a mirror has something to forget, worker or not.
  const watch = await watchErasures({ home, db, blobs }, [], log)
  return {
    blobs,
    snapshots: makeSnapshotArchives({ home, db, blobs, mirrors, sources, diskBudget }),
    exports: makeExportSources({ db, blobs, mirrors, sources }),
    async close() {
      await watch.stop()
      await mirrors.close()
    },
  }
}
