import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Pack, pack } from 'tar-stream'
import type { FullTask } from '../query/tasks.ts'
import type { ExportFile, ExportFormat, ExportSources } from './types.ts'

/** An export as one stream of bytes: what goes over HTTP, or into one file. */
export interface ExportBody {
  readonly mediaType: string
  /** A name to save it under. */
  readonly fileName: string
  /** Fails where a task or a source does: what came before is then no whole export. */
  readonly bytes: Readable
}

/** Tasks in a format as one stream: JSON Lines as they are, a folder as a tar archive. */
export function exportBody(format: ExportFormat, tasks: AsyncIterable<FullTask>, sources: ExportSources): ExportBody {
  if (format.makes === 'lines') {
    return {
      mediaType: 'application/x-ndjson',
      fileName: `${format.name}.jsonl`,
      bytes: Readable.from(lines(format, tasks), { objectMode: false }),
    }
  }
  return {
    mediaType: 'application/x-tar',
    fileName: `${format.name}.tar`,
    bytes: tarOf(format.files(tasks, sources)),
  }
}

async function* lines(
  format: Extract<ExportFormat, { makes: 'lines' }>,
  tasks: AsyncIterable<FullTask>,
): AsyncGenerator<Buffer> {
  for await (const task of tasks) yield Buffer.from(`${JSON.stringify(format.line(task))}\n`)
}

/** Every entry has one owner and one old time, so that the bytes hang on the files alone. */
function tarOf(files: AsyncIterable<ExportFile>): Readable {
  const archive = pack()
  addAll(archive, files).then(
    () => archive.finalize(),
    (error: unknown) => archive.destroy(error instanceof Error ? error : new Error(String(error))),
  )
  return Readable.from(archive, { objectMode: false })
}

async function addAll(archive: Pack, files: AsyncIterable<ExportFile>): Promise<void> {
  for await (const { path, mode, content } of files) {
    const header = { name: path, mode, mtime: new Date('2001-01-01T00:00:00Z'), uid: 0, gid: 0, type: 'file' as const }
    if (Buffer.isBuffer(content)) {
      const entry = archive.entry({ ...header, size: content.length })
      await pipeline(Readable.from([content]), entry)
    } else {
      const { size } = await stat(content.file)
      await pipeline(createReadStream(content.file), archive.entry({ ...header, size }))
    }
  }
}
