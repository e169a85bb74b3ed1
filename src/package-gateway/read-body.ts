import type { Readable } from 'node:stream'
import { Fault } from '../errors.ts'

/** All that a registry sends of one document, called `what` in errors. Throws Fault('registry') where it breaks off or is larger than `mebibytes`. */
export async function readBody(body: Readable, what: string, mebibytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of body) {
      const buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk))
      bytes += buffer.length
      if (bytes > mebibytes * 1024 * 1024) throw new Fault('registry', `${what} is larger than ${mebibytes} MiB`)
      chunks.push(buffer)
    }
  } catch (error) {
    if (error instanceof Fault) throw error
    throw new Fault('registry', `${what} broke off`, { cause: error })
  }
  return Buffer.concat(chunks)
}
