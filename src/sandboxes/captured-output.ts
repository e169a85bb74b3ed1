import type { Readable } from 'node:stream'

export interface CapturedOutput {
  bytes(): Buffer
  cut(): boolean
  /** Settles when no writer is left. */
  readonly ended: Promise<void>
}

/** Keeps the first `maximum` bytes of a stream and reads the rest away, so that its writer never blocks. */
export function captureOutput(stream: Readable, maximum: number): CapturedOutput {
  const chunks: Buffer[] = []
  let kept = 0
  let cut = false
  stream.on('data', (chunk: Buffer) => {
    const room = maximum - kept
    if (chunk.length > room) cut = true
    if (room === 0) return
    const part = chunk.length > room ? Buffer.from(chunk.subarray(0, room)) : chunk
    chunks.push(part)
    kept += part.length
  })
  const ended = new Promise<void>((resolve, reject) => stream.once('close', resolve).once('error', reject))
  return { ended, bytes: () => Buffer.concat(chunks), cut: () => cut }
}
