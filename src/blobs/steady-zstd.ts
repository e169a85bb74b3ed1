import type { Readable } from 'node:stream'
import { constants, createZstdCompress } from 'node:zlib'

/**
 * Compresses with zstd so that the same content gives the same bytes, in whatever pieces and however fast it comes. A compressor that
 * knows with its last bytes that they are the last ends its frame another way, and whether it does is a matter of timing: so each
 * piece is taken in before the next, and the end comes by itself. An error of the content is one of the stream.
 */
export function steadyZstd(content: AsyncIterable<Uint8Array>, level: number): Readable {
  const compress = createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: level } })
  const feed = async () => {
    for await (const piece of content)
      await new Promise<void>((done, fail) => compress.write(piece, (error) => (error ? fail(error) : done())))
    compress.end()
  }
  feed().catch((error: Error) => compress.destroy(error))
  return compress
}
