import type { Blobs } from '../../blobs/types.ts'
import type { Db } from '../../db/connect.ts'
import type { ExportSources } from '../../export/index.ts'
import { openQuarantine } from '../../git/index.ts'
import type { Mirrors } from '../../pipeline/mirrors.ts'
import type { Sources } from '../../pipeline/sources.ts'
import { openTaskMirror } from '../../pipeline/task-mirrors.ts'

export interface SourceOptions {
  readonly db: Db
  readonly blobs: Blobs
  readonly mirrors: Mirrors
  readonly sources: Sources
}

/** What exports read beside the rows: mirrors, where this machine has none fetched, and blobs. */
export function makeExportSources({ db, blobs, mirrors, sources }: SourceOptions): ExportSources {
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
    // The bundler is for one format alone.
    programs: async () => (await import('./container-programs.ts')).containerPrograms(),
  }
}
