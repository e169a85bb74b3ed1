import { createHash } from 'node:crypto'
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib'
import type { Statuses, TestId, TestStatus } from '../model/index.ts'

const letters: Readonly<Record<TestStatus, string>> = { passed: 'p', failed: 'f', skipped: 's', errored: 'e' }
const statusByLetter: ReadonlyMap<string, TestStatus> = new Map([
  ['p', 'passed'],
  ['f', 'failed'],
  ['s', 'skipped'],
  ['e', 'errored'],
])

/** Names and statuses apart: runs of the same tests share the names, and a run costs one letter a test before compression. */
export interface CompactStatuses {
  readonly digest: string
  readonly count: number
  readonly names: Buffer
  readonly statuses: Buffer
}

const compress = (bytes: Buffer) =>
  brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 5, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  })

export function compactNames(names: readonly TestId[]): Buffer {
  return compress(Buffer.from(JSON.stringify(names)))
}

export function expandNames(compact: Buffer): TestId[] {
  const names: unknown = JSON.parse(brotliDecompressSync(compact).toString())
  if (!Array.isArray(names)) throw new TypeError('stored test names are not a list')
  return names.map(String)
}

export function compactStatuses(statuses: Statuses): CompactStatuses {
  const sorted = [...statuses.entries()].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  const json = Buffer.from(JSON.stringify(sorted.map(([name]) => name)))
  return {
    digest: createHash('sha256').update(json).digest('hex'),
    count: sorted.length,
    names: compress(json),
    statuses: compress(Buffer.from(sorted.map(([, status]) => letters[status]).join(''))),
  }
}

export function expandStatuses(names: Buffer, statuses: Buffer): Map<TestId, TestStatus> {
  const list = brotliDecompressSync(statuses).toString()
  return new Map(expandNames(names).map((name, at) => [name, statusByLetter.get(list[at] ?? '') ?? 'errored']))
}
