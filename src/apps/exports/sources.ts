import type { Blobs } from '../../blobs/types.ts'
import type { Db } from '../../db/connect.ts'
import type { ExportSources } from '../../export/index.ts'
import { openQuarantine } from '../../git/index.ts'
import { makeMirrors } from '../../pipeline/mirrors.ts'
import { makeSources } from '../../pipeline/sources.ts'
import { openTaskMirror } from '../../pipeline/task-mirrors.ts'
import { containerPrograms } from './container-programs.ts'

export interface SourceOptions {
  readonly home: string
  readonly db: Db
  readonly blobs: Blobs
}

/** What exports read beside the rows: mirrors, opened once each, and blobs. Close it when done. */
export function openExportSources({ home, db, blobs }: SourceOptions): ExportSources & { close(): Promise<void> } {
  const mirrors = makeMirrors(home, db)
  const sources = makeSources(null)
  return {
    blob: (digest) => blobs.get(digest),
    async withMirror(task, work) {
      const mirror = await openQuarantine(await openTaskMirror(mirrors, sources, db, task))
      try {
        return await work(mirror)
      } finally {
        await mirror.close()
      }
    },
    programs: containerPrograms,
    close: () => mirrors.close(),
  }
}
