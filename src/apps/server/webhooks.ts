import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { messageOf } from '../../errors.ts'
import type { Log } from '../../log.ts'
import type { Delivery, DeliveryStore } from '../../pipeline/github/deliveries.ts'
import { readDelivery } from '../../pipeline/github/relevance.ts'

/** Where GitHub sends its webhooks: Probot's own path. */
export const webhookPath = '/api/github/webhooks'

export interface WebhookOptions {
  /** Whether the body was signed with the App's secret. */
  readonly verify: (body: string, signature: string) => Promise<boolean>
  readonly store: DeliveryStore
  readonly log: Log
  /** Called for every delivery that was answered. */
  readonly counted: (event: string, outcome: WebhookOutcome) => void
}

export type WebhookOutcome = 'stored' | 'ignored' | 'known' | 'refused' | 'failed'

const headers = z.object({
  'x-github-event': z.string().regex(/^[a-z_]+$/),
  'x-github-delivery': z.string().regex(/^[\w-]{1,100}$/),
  'x-hub-signature-256': z.string(),
})

/**
 * Takes deliveries: verified, stored once for each GUID, and then answered. 202 stored, 200 known already, 400 no delivery, 401 not
 * signed with our secret, 503 not stored (GitHub keeps it, and the nightly run asks for it again).
 */
export function registerWebhooks(web: FastifyInstance, options: WebhookOptions): void {
  web.register((scope, _settings, done) => {
    scope.removeAllContentTypeParsers()
    // The signature is over the bytes.
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, parsed) => parsed(null, body))
    scope.post(webhookPath, (request, reply) => receive(request, reply, options))
    done()
  })
}

async function receive(request: FastifyRequest, reply: FastifyReply, options: WebhookOptions): Promise<FastifyReply> {
  const { counted, log } = options
  const read = await readRequest(request, options.verify)
  if ('refused' in read) {
    counted('unknown', 'refused')
    log.warn({ status: read.refused, address: request.ip }, `webhook refused: ${read.title}`)
    return problem(reply, read.refused, read.title)
  }
  const { event, guid, action, repository, number, relevant } = read
  const fields = { delivery: guid, event, action, repository, pull: number }
  try {
    const stored = await options.store.add(read)
    const outcome = stored === 'stored' && !relevant ? 'ignored' : stored
    counted(event, outcome)
    log.info(fields, `webhook ${outcome}`)
    return await reply.code(stored === 'stored' ? 202 : 200).send({ delivery: guid, outcome })
  } catch (error) {
    counted(event, 'failed')
    log.error({ ...fields, error: messageOf(error) }, 'webhook not stored')
    return problem(reply, 503, 'the delivery could not be stored; GitHub keeps it, and it will be asked for again')
  }
}

interface RefusedRequest {
  readonly refused: number
  readonly title: string
}

async function readRequest(
  request: FastifyRequest,
  verify: WebhookOptions['verify'],
): Promise<Delivery | RefusedRequest> {
  const said = headers.safeParse(request.headers)
  if (!said.success)
    return { refused: 400, title: 'this is no delivery of GitHub: its headers are missing or malformed' }
  const { 'x-github-event': event, 'x-github-delivery': guid, 'x-hub-signature-256': signature } = said.data
  const payload = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  const text = payload.toString('utf8')
  if (text === '' || !(await verify(text, signature).catch(() => false)))
    return { refused: 401, title: 'the signature does not match: is WEBHOOK_SECRET that of the App?' }
  const facts = readDelivery(event, parse(text))
  if (facts === null) return { refused: 400, title: 'the payload is not JSON of an event' }
  return { ...facts, guid, event, payload }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function problem(reply: FastifyReply, status: number, title: string): FastifyReply {
  return reply.code(status).type('application/problem+json').send({ type: 'about:blank', title, status })
}
