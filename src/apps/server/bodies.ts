import type { IncomingMessage } from 'node:http'

/** Why a body was not read. */
export type Unread = 'too-large' | 'too-much-at-once' | 'broken-off'

/** A body in memory. `release` it once it is needed no more: until then it counts. */
export interface HeldBody {
  readonly bytes: Buffer
  release(): void
}

export interface BodyLimits {
  /** Bytes of one body. */
  readonly largest: number
  /** Bytes of all that are held at the same time: anybody may send, signed or not. */
  readonly together: number
}

/** Reads the bodies of requests, one and all of them within limits. */
export function makeBodyReader({
  largest,
  together,
}: BodyLimits): (request: IncomingMessage) => Promise<HeldBody | Unread> {
  let held = 0
  return async (request) => {
    if (Number(request.headers['content-length'] ?? 0) > largest) return 'too-large'
    const chunks: Buffer[] = []
    let size = 0
    const release = () => {
      held -= size
      size = 0
    }
    const refuse = (why: Unread) => {
      release()
      return why
    }
    try {
      for await (const chunk of request.iterator({ destroyOnReturn: false })) {
        chunks.push(chunk)
        size += chunk.length
        held += chunk.length
        if (size > largest) return refuse('too-large')
        if (held > together) return refuse('too-much-at-once')
      }
    } catch {
      // The sender went away, or was too slow.
      return refuse('broken-off')
    }
    return { bytes: Buffer.concat(chunks), release }
  }
}
