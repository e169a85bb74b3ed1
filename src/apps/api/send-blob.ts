import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Blobs, Digest } from '../../blobs/types.ts'
import { Fault } from '../../errors.ts'
import { answerTo } from './byte-ranges.ts'
import { Problem, problemSchema } from './problem.ts'
import { bytes } from './schemas.ts'

/** What a download may say beside who asks. */
export const downloadHeaders = z.object({
  range: z.string().optional().describe('One range of bytes: `bytes=1000-`'),
  'if-range': z.string().optional().describe('The ETag that the range is of: where it changed, the whole comes'),
  'if-none-match': z.string().optional().describe('ETags that are known: 304 where it is one of them'),
  'if-match': z.string().optional().describe('ETags that are wanted: 412 where it is none of them'),
})

/** What a route answers that sends a blob, for its schema; `types`: media types. */
export function downloadAnswers(types: readonly string[], description: string) {
  const content = Object.fromEntries(types.map((type) => [type, { schema: bytes(description) }]))
  return {
    200: { description: 'The whole file', content },
    206: { description: 'The range that was asked for', content },
    304: z.null().describe('It is one of those that If-None-Match names'),
    412: problemSchema,
    416: problemSchema,
  }
}

export interface SentBlob {
  readonly digest: Digest
  readonly type: string
  /** What a client that saves it may call the file. */
  readonly fileName: string
  readonly headers?: Readonly<Record<string, string>>
}

interface Download {
  readonly request: Pick<FastifyRequest, 'method'> & { readonly headers: z.output<typeof downloadHeaders> }
  readonly reply: Pick<FastifyReply, 'code' | 'header' | 'headers' | 'type' | 'send'>
}

/**
 * Answers with a blob, or with the range of it that was asked for. Its digest is the ETag: a broken download goes on by Range and If-Range, and
 * a whole one is asked for again by If-None-Match. `leaving` is waited for before the first byte leaves.
 */
export async function sendBlob(
  blobs: Blobs,
  { request: { headers, method }, reply }: Download,
  { digest, type, fileName, headers: more = {} }: SentBlob,
  leaving: () => Promise<void>,
): Promise<ReturnType<FastifyReply['send']>> {
  const size = await blobs.size(digest)
  if (size === null) throw new Fault('blob-missing', `Blob ${digest} is not in the store`)
  const etag = `"${digest}"`
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch, 'if-range': ifRange } = headers
  // A range of what has no body is not asked for (RFC 9110, 14.2).
  const range = method === 'HEAD' ? undefined : headers.range
  const answer = answerTo({ ifMatch, ifNoneMatch, ifRange, range }, etag, size)
  if (answer.status === 412) throw new Problem(412, 'it is another file by now', `its ETag is ${etag}`)
  if (answer.status === 416) throw outside(size, etag)
  reply.headers({
    ...{ etag, 'accept-ranges': 'bytes', 'repr-digest': reprDigest(digest) },
    // What was erased is not there any more: ask each time, and be told 304.
    'cache-control': 'private, no-cache, no-transform',
    'content-disposition': `attachment; filename="${fileName}"`,
    ...more,
  })
  if (answer.status === 304) return reply.code(304).send(null)
  const part = answer.status === 206 ? answer.part : { start: 0, end: size - 1 }
  reply
    .code(answer.status)
    .type(type)
    .header('content-length', part.end - part.start + 1)
  if (answer.status === 206) reply.header('content-range', `bytes ${part.start}-${part.end}/${size}`)
  // Without a body of some sort, a HEAD's length would be 0.
  if (method === 'HEAD') return reply.send(Readable.from([]))
  const stream = await blobs.stream(digest, part)
  await leaving()
  return reply.send(stream)
}

/** RFC 9530: what the whole file's bytes are. */
function reprDigest(digest: Digest): string {
  return `sha-256=:${Buffer.from(digest.replace('sha256:', ''), 'hex').toString('base64')}:`
}

function outside(size: number, etag: string): Problem {
  return new Problem(416, 'the range is outside of the file', `it has ${size} bytes`, {
    headers: { 'content-range': `bytes */${size}`, etag },
  })
}
