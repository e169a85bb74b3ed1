import { decodeSegments, pathOf } from './address.ts'
import type { ProtocolRequest } from './protocol.ts'
import { type Context, type Exchange, missing, note, reply, send, sendPackage } from './replies.ts'

const maximumTarget = 2048

/** True for a request below a protocol's prefix: `/~pypi/…`. No npm package's name begins so. */
export function isProtocolTarget(target: string): boolean {
  return /^(?:https?:\/\/[^/?#]*)?\/~/i.test(target)
}

/**
 * Answers a read below `/~<protocol>/`. An absolute address, as clients send to a proxy, is answered as if its path had been asked here: the
 * host that it names is never contacted. Throws Fault('registry') where the upstream does not answer.
 */
export async function answerProtocol(context: Context, exchange: Exchange): Promise<void> {
  const { method = '', url: target = '' } = exchange.request
  const read = readTarget(method, target)
  if (typeof read === 'string') return refused(context, exchange, read)
  const { protocol, segments } = read
  const registry = await context.packages(protocol)
  if (registry === null) return refused(context, exchange, `this machine has no registry of ${protocol}`)
  const answer = await registry.answer({
    segments,
    query: read.query,
    accept: exchange.request.headers.accept ?? '*/*',
    get asOf() {
      return context.asOf
    },
    session: context.session,
    address: `${context.address}/~${protocol}`,
  })
  if (answer.kind === 'refused') return refused(context, exchange, answer.why)
  if (answer.kind === 'absent') return missing(context, exchange.response, answer.name)
  if (answer.kind === 'file') return sendPackage(context, exchange, answer.name, answer.file)
  context.log.packuments += 1
  if (!context.log.served.includes(answer.name)) note(context.log.served, answer.name)
  if (answer.unsure === true) {
    context.log.flags.add('registry-times-unsure')
    if (!context.log.unsure.includes(answer.name)) note(context.log.unsure, answer.name)
  }
  send(exchange.response, 200, answer.body, answer.type)
}

function readTarget(
  method: string,
  target: string,
): string | (Pick<ProtocolRequest, 'segments' | 'query'> & { readonly protocol: string }) {
  if (method !== 'GET' && method !== 'HEAD') return `${method} is not a read`
  if (target.length > maximumTarget) return 'address too long'
  const path = pathOf(target)
  const [first = '', ...segments] = (path === null ? null : decodeSegments(path.replace(/\/$/, ''))) ?? []
  if (!/^~[a-z]+$/.test(first)) return 'not a registry path'
  return { protocol: first.slice(1), segments, query: /\?(?<query>[^#]*)/.exec(target)?.groups?.query ?? '' }
}

function refused(context: Context, { request, response }: Exchange, why: string): void {
  note(context.log.refused, { what: `${request.method} ${request.url}`.slice(0, 300), why })
  reply(response, 403, { error: `the package gateway refuses this: ${why}` })
}
