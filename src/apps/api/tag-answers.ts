import { createHash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'

/**
 * Gives what is answered as a whole an ETag of its bytes, and to who has them already 304 in their place. Weak, since the same answer comes in
 * several encodings. Streams and blobs have none of it, or their own.
 */
export function tagAnswers(scope: FastifyInstance): void {
  scope.addHook('onSend', async (request, reply, payload) => {
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    if (!isRead || reply.statusCode !== 200 || typeof payload !== 'string' || reply.hasHeader('etag')) return payload
    const digest = createHash('sha256').update(payload).digest('base64url')
    reply.header('etag', `W/"${digest}"`)
    const known = (request.headers['if-none-match'] ?? '').split(',').map((each) => each.trim().replace(/^W\//, ''))
    if (!known.includes(`"${digest}"`) && !known.includes('*')) return payload
    reply.code(304)
    return ''
  })
}
