import type { FullTask } from '../../query/tasks.ts'
import type { ExportFile, ExportFormat } from '../types.ts'
import { datasetCard } from './dataset-card.ts'
import { ShardWriter } from './shard-writer.ts'

/** A data set as Hugging Face keeps it: Parquet files below `data`, and a card that says which split they are. */
export const parquet: ExportFormat = {
  name: 'parquet',
  title: 'Parquet files with a dataset card',
  makes: 'folder',
  files,
}

async function* files(tasks: AsyncIterable<FullTask>): AsyncGenerator<ExportFile> {
  let shard = new ShardWriter()
  let shards = 0
  const counts = { tasks: 0, languages: new Set<string>() }
  for await (const task of tasks) {
    shard.add(task)
    counts.tasks += 1
    counts.languages.add(task.language)
    if (!shard.isFull()) continue
    yield shardFile(shards++, shard)
    shard = new ShardWriter()
  }
  // A data set of no tasks has its columns all the same.
  if (shards === 0 || shard.rows > 0) yield shardFile(shards, shard)
  const card = datasetCard({ tasks: counts.tasks, languages: [...counts.languages].sort() })
  yield { path: 'README.md', mode: 0o644, content: Buffer.from(card) }
}

function shardFile(number: number, shard: ShardWriter): ExportFile {
  return { path: `data/train-${String(number).padStart(5, '0')}.parquet`, mode: 0o644, content: shard.finish() }
}
