import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { messageOf } from '../../errors.ts'
import { addLogFields, type Log, withLogFields } from '../../log.ts'
import type { Delivery, DeliveryStore } from '../../pipeline/github/deliveries.ts'
import { readDelivery } from '../../pipeline/github/relevance.ts'
import { makeBodyReader, type Unread } from './bodies.ts'

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

/** GitHub's own cap is 25 MB. All that is held at once may be so much, whoever sends it. */
const limits = { largest: 26 * 2 ** 20, together: 256 * 2 ** 20 }

const headers = z.object({
  'x-github-event': z.string().regex(/^[a-z_]+$/),
  'x-github-delivery': z.string().regex(/^[\w-]{1,100}$/),
  'x-hub-signature-256': z.string().optional(),
  'content-type': z.string().optional(),
})

/**
 * Takes deliveries: verified, stored once for each GUID, and then answered. 202 stored, 200 known already; 400 no delivery, 401 not
 * signed with our secret, 413 too large, 415 no JSON; 503 not stored (GitHub keeps it, and the nightly run asks for it again).
 */
export function registerWebhooks(web: FastifyInstance, options: WebhookOptions): void {
  const readBody = makeBodyReader(limits)
  web.register((scope, _settings, done) => {
    scope.removeAllContentTypeParsers()
    // The signature is over the bytes, and they are read only once the headers are those of a delivery.
    scope.addContentTypeParser('*', (_request, payload, parsed) => parsed(null, payload))
    scope.post(webhookPath, (request, reply) => receive(request, reply, { ...options, readBody }))
    done()
  })
}

interface Receiving extends WebhookOptions {
  readonly readBody: ReturnType<typeof makeBodyReader>
}

async function receive(request: FastifyRequest, reply: FastifyReply, options: Receiving): Promise<FastifyReply> {
  const said = headers.safeParse(request.headers)
  if (!said.success)
    return refuse(request, reply, options, {
      refused: 400,
      title: 'this is no delivery of GitHub: its headers are missing or malformed',
    })
  const { 'x-github-event': event, 'x-github-delivery': guid, ...rest } = said.data
  return withLogFields({ delivery: guid, event }, async () => {
    const signature = rest['x-hub-signature-256']
    if (signature === undefined) return refuse(request, reply, options, unsigned)
    const body = await options.readBody(request.raw)
    if (typeof body === 'string') return refuse(request, reply, options, unread[body])
    try {
      if (!(await isSigned(body.bytes, signature, options))) return refuse(request, reply, options, forged)
      const type = rest['content-type']?.split(';')[0]?.trim().toLowerCase()
      if (type !== 'application/json') return refuse(request, reply, options, notJson)
      const read = readDelivery(event, parse(body.bytes))
      if (read === null) return refuse(request, reply, options, noEvent)
      return await keep(reply, options, { ...read, guid, event, payload: body.bytes })
    } finally {
      body.release()
    }
  })
}

interface RefusedRequest {
  readonly refused: number
  readonly title: string
}

const forged: RefusedRequest = {
  refused: 401,
  title: 'the signature does not match: is WEBHOOK_SECRET that of the App?',
}
const noEvent: RefusedRequest = { refused: 400, title: 'the payload is not JSON of an event' }
const notJson: RefusedRequest = {
  refused: 415,
  title: "deliveries are taken as application/json: choose it as the content type on the App's page",
}
const unsigned: RefusedRequest = {
  refused: 401,
  title: "the delivery is not signed: set the webhook secret on the App's page",
}
const unread: Readonly<Record<Unread, RefusedRequest>> = {
  'too-large': { refused: 413, title: `a delivery has at most ${limits.largest / 2 ** 20} MiB` },
  'too-much-at-once': {
    refused: 503,
    title: 'too much comes at once; GitHub keeps it, and it will be asked for again',
  },
  'broken-off': { refused: 400, title: 'the delivery broke off' },
}

function refuse(
  request: FastifyRequest,
  reply: FastifyReply,
  { counted, log }: WebhookOptions,
  { refused, title }: RefusedRequest,
): FastifyReply {
  counted('unknown', 'refused')
  log.warn({ status: refused, address: request.ip }, `webhook refused: ${title}`)
  // What it still sends is not read.
  if (!request.raw.complete) reply.header('connection', 'close')
  return problem(reply, refused, title)
}

async function isSigned(body: Buffer, signature: string, { verify }: WebhookOptions): Promise<boolean> {
  // An empty text, or a signature of another form, makes it throw.
  return verify(body.toString('utf8'), signature).catch(() => false)
}

async function keep(reply: FastifyReply, options: WebhookOptions, delivery: Delivery): Promise<FastifyReply> {
  const { counted, log, store } = options
  const { event, guid, action, name, number, relevant } = delivery
  const isAboutPull = number !== null && event !== 'issues'
  addLogFields({ ...(name === null ? {} : { repository: name }), ...(isAboutPull ? { pull: number } : {}) })
  try {
    const stored = await store.add(delivery)
    const outcome = stored === 'stored' && !relevant ? 'ignored' : stored
    counted(event, outcome)
    log.info({ action }, `webhook ${outcome}`)
    return await reply.code(stored === 'stored' ? 202 : 200).send({ delivery: guid, outcome })
  } catch (error) {
    counted(event, 'failed')
    log.error({ action, error: messageOf(error) }, 'webhook not stored')
    return problem(reply, 503, 'the delivery could not be stored; GitHub keeps it, and it will be asked for again')
  }
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return null
  }
}

function problem(reply: FastifyReply, status: number, title: string): FastifyReply {
  return reply.code(status).type('application/problem+json').send({ type: 'about:blank', title, status })
}
