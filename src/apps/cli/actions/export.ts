import { localCaller } from '../../../access/index.ts'
import { openFolderBlobs } from '../../../blobs/folder.ts'
import type { Config } from '../../../config.ts'
import { UserError } from '../../../errors.ts'
import { type ExportFormat, exportFormats, formatNamed, writeExport } from '../../../export/index.ts'
import { makeMirrors } from '../../../pipeline/mirrors.ts'
import { makeSources } from '../../../pipeline/sources.ts'
import type { TaskQuery } from '../../../query/filter.ts'
import { readQuery } from '../../../query/refused.ts'
import type { FullTask } from '../../../query/tasks.ts'
import { fullTasks } from '../../exports/full-tasks.ts'
import { makeExportSources } from '../../exports/sources.ts'
import { withDatabase } from '../../machine.ts'
import type { ExportLine } from '../lines.ts'
import type { TaskFilter } from '../services.ts'

/** Writes the matching tasks to a path, whole or not at all. */
export async function exportTasks(config: Config, name: string, out: string, asked: TaskFilter): Promise<ExportLine> {
  const format = needFormat(name)
  const query = queryOf(asked)
  return withDatabase(config, async ({ db }) => {
    const mirrors = makeMirrors(config.home, db)
    const blobs = await openFolderBlobs(config.blobs)
    const sources = makeExportSources({ db, blobs, mirrors, sources: makeSources(null) })
    try {
      const counted = count(fullTasks(db, localCaller, query, asked.limit))
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

function queryOf(asked: TaskFilter): TaskQuery {
  const { repository, language, framework, since, until, without, asOf, endedSince } = asked
  const given = {
    ...{ repository, language, framework, as_of: asOf, ended_since: endedSince },
    merged_after: since?.toISOString(),
    merged_before: until?.toISOString(),
    without_flag: without.length === 0 ? null : without,
  }
  return readQuery(Object.fromEntries(Object.entries(given).filter(([, value]) => value != null)))
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
