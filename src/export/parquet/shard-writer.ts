import { constants, zstdCompressSync } from 'node:zlib'
import { ByteWriter, ParquetWriter } from 'hyparquet-writer'
import type { FullTask } from '../../query/tasks.ts'
import { columnData, type Row, rowOf, schema } from './columns.ts'

/** Text of this many characters makes a row group: what is held uncompressed at a time. */
const groupCharacters = 8 * 1024 * 1024
/** A file of this size is full: what is held compressed at a time. */
const shardBytes = 32 * 1024 * 1024

/** One Parquet file in memory, zstd-compressed, written row group by row group. */
export class ShardWriter {
  rows = 0
  readonly #bytes = new ByteWriter()
  readonly #writer = new ParquetWriter({
    writer: this.#bytes,
    schema,
    codec: 'ZSTD',
    compressors: {
      ZSTD: (input) => zstdCompressSync(input, { params: { [constants.ZSTD_c_compressionLevel]: 3 } }),
    },
    createdBy: 'quarry',
  })
  #pending: Row[] = []
  #characters = 0

  add(task: FullTask): void {
    const row = rowOf(task)
    this.rows += 1
    this.#pending.push(row)
    this.#characters += Object.values(row).flat().join('').length
    if (this.#characters >= groupCharacters) this.#writeGroup()
  }

  isFull(): boolean {
    return this.#bytes.offset >= shardBytes
  }

  /** The file, whole. Nothing can be added after. */
  finish(): Buffer {
    this.#writeGroup()
    void this.#writer.finish()
    return Buffer.from(this.#bytes.getBytes())
  }

  #writeGroup(): void {
    if (this.#pending.length > 0) {
      // Done at once: these bytes are flushed nowhere.
      void this.#writer.write({ columnData: columnData(this.#pending), rowGroupSize: this.#pending.length })
    }
    this.#pending = []
    this.#characters = 0
  }
}
