import { Readable } from 'node:stream'
import { messageOf } from '../../errors.ts'
import type { Log } from '../../log.ts'

interface Sending {
  readonly log: Log
  /** Told once, how many lines were given out, and whether that was all. */
  readonly ended: (count: number, detail: { readonly ended: 'whole' | 'cut' }) => Promise<void>
}

/** Characters that are gathered to be written at once. */
const CHUNK = 64 * 1024

/**
 * JSON of each item on a line of its own, as fast as they are read and no faster. Where the items fail the stream does: the connection is cut,
 * and the answer never ends as a whole one does.
 */
export function sendLines<T>(items: AsyncIterable<T>, lineOf: (item: T) => object, sending: Sending): Readable {
  return Readable.from(chunksOf(items, lineOf, sending), { objectMode: false, highWaterMark: CHUNK })
}

async function* chunksOf<T>(
  items: AsyncIterable<T>,
  lineOf: (item: T) => object,
  { log, ended }: Sending,
): AsyncGenerator<string> {
  let count = 0
  let isWhole = false
  try {
    let chunk = ''
    for await (const item of items) {
      chunk += `${JSON.stringify(lineOf(item))}\n`
      count += 1
      if (chunk.length < CHUNK) continue
      yield chunk
      chunk = ''
    }
    if (chunk !== '') yield chunk
    isWhole = true
  } finally {
    // That it was begun stands there already: who is served must not wait for what the database can't take now.
    await ended(count, { ended: isWhole ? 'whole' : 'cut' }).catch((error: unknown) =>
      log.warn({ error: messageOf(error) }, 'the end of an answer is not noted'),
    )
  }
}
