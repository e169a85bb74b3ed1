import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Blobs, ByteRange, Digest } from '../../blobs/types.ts'
import { Fault } from '../../errors.ts'
import { Problem } from './problem.ts'

export interface SentBlob {
  readonly digest: Digest
  readonly type: string
  /** What a client that saves it may call the file. */
  readonly fileName: string
}

/**
 * Answers with a blob, or with the range of it that was asked for. Its digest is the ETag: a broken download goes on by Range and If-Range, and
 * a whole one is asked for again by If-None-Match. `leaving` is waited for before the first byte leaves.
 */
export async function sendBlob(
  blobs: Blobs,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  { digest, type, fileName }: SentBlob,
  leaving: () => Promise<void>,
): Promise<FastifyReply> {
  const size = await blobs.size(digest)
  if (size === null) throw new Fault('blob-missing', `Blob ${digest} is not in the store`)
  const etag = `"${digest}"`
  reply.headers({ etag, 'accept-ranges': 'bytes' })
  if (names(request.headers['if-none-match'], etag)) return reply.code(304).send()
  const range = isOfThis(request.headers['if-range'], etag) ? askedRange(request.headers.range, size) : null
  if (range === 'none') throw outOfRange(size)
  reply.type(type).header('content-disposition', `attachment; filename="${fileName}"`)
  const { start, end } = range ?? { start: 0, end: size - 1 }
  reply.header('content-length', end - start + 1)
  if (range !== null) reply.code(206).header('content-range', `bytes ${start}-${end}/${size}`)
  if (request.method === 'HEAD') return reply.send('')
  const stream = await blobs.stream(digest, range ?? undefined)
  await leaving()
  return reply.send(stream)
}

/** One range of bytes; null: the whole, which RFC 9110 allows for whatever else is asked; `none`: it begins after the end. */
export function askedRange(header: string | undefined, size: number): ByteRange | 'none' | null {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '') ?? []
  if (first === '' && last === '') return null
  // The last so many bytes.
  if (first === '')
    return Number(last) === 0 || size === 0 ? 'none' : { start: Math.max(0, size - Number(last)), end: size - 1 }
  const start = Number(first)
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1)
  if (last !== '' && Number(last) < start) return null
  return start >= size ? 'none' : { start, end }
}

function isOfThis(ifRange: string | string[] | undefined, etag: string): boolean {
  return ifRange === undefined || ifRange === etag
}

function names(ifNoneMatch: string | undefined, etag: string): boolean {
  const given = (ifNoneMatch ?? '').split(',').map((each) => each.trim().replace(/^W\//, ''))
  return given.includes(etag) || given.includes('*')
}

function outOfRange(size: number): Problem {
  return new Problem(416, 'the range begins after the end', `there are ${size} bytes`, {
    headers: { 'content-range': `bytes */${size}` },
  })
}
