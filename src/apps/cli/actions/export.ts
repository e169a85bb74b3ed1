import { localCaller } from '../../../access/index.ts'
import { openFolderBlobs } from '../../../blobs/folder.ts'
import type { Config } from '../../../config.ts'
import { UserError } from '../../../errors.ts'
import { type ExportFormat, exportFormats, formatNamed, writeExport } from '../../../export/index.ts'
import { makeMirrors } from '../../../pipeline/mirrors.ts'
import { makeSources } from '../../../pipeline/sources.ts'
import type { FullTask } from '../../../query/tasks.ts'
import { fullTasks } from '../../exports/full-tasks.ts'
import { makeExportSources } from '../../exports/sources.ts'
import { withDatabase } from '../../machine.ts'
import type { ExportLine } from '../lines.ts'
import type { TaskSelection } from '../services.ts'

/** Writes the matching tasks to a path, whole or not at all. */
export async function exportTasks(
  config: Config,
  name: string,
  out: string,
  asked: TaskSelection,
): Promise<ExportLine> {
  const format = needFormat(name)
  return withDatabase(config, async ({ db }) => {
    const mirrors = makeMirrors(config.home, db)
    const blobs = await openFolderBlobs(config.blobs)
    const sources = makeExportSources({ db, blobs, mirrors, sources: makeSources(null) })
    try {
      const counted = count(fullTasks(db, localCaller, asked.query, asked.limit))
      const target = await writeExport(format, out, counted.tasks, sources)
      return { format: name, out: target, tasks: counted.soFar() }
    } finally {
      await mirrors.close()
    }
  })
}

function needFormat(name: string): ExportFormat {
  const format = formatNamed(name)
  if (format !== null) return format
  throw new UserError(`there is no export format ${name}`, {
    mend: `known: ${exportFormats.map((one) => one.name).join(', ')}`,
  })
}

function count(tasks: AsyncIterable<FullTask>) {
  let seen = 0
  async function* counting() {
    for await (const task of tasks) {
      seen += 1
      yield task
    }
  }
  return { tasks: counting(), soFar: () => seen }
}
