import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { Fault, messageOf } from '../errors.ts'
import { once } from '../once.ts'
import { answerNpm } from './npm/answers.ts'
import { fitTogether } from './npm/fitting.ts'
import type { Fitting } from './npm/types.ts'
import { answerProtocol, isProtocolTarget } from './protocol-answers.ts'
import { type Context, type Exchange, note, reply } from './replies.ts'
import { type Gateway, type GatewayLog, type GatewayOptions, gatewayAddress } from './types.ts'

/**
 * Opens the one door of an install's network: a server on a unix socket of its own that speaks the registries' protocols and nothing else.
 * One gateway an install, so that its log tells what that install asked for.
 */
export async function openGateway(options: GatewayOptions): Promise<Gateway> {
  const folder = await mkdtemp(join(options.socketFolder, 'gw-'))
  const socket = join(folder, 's')
  const log = emptyLog()
  const context: Context = {
    packages: async () => null,
    ...options,
    // Whoever looks at the date answers by it.
    get asOf() {
      log.dated = true
      return options.asOf
    },
    log,
    session: { hasLater: false },
    address: options.address ?? gatewayAddress,
    fitting: once(() => fittingOf(options)),
  }
  const server = makeServer(context)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(socket, resolve)
  })
  // The folder lets nobody in but Quarry; in a sandbox the socket itself is mounted, and its user is another one.
  await chmod(socket, 0o666)
  return {
    socket,
    address: context.address,
    log,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function fittingOf({ registry, asOf, needs = [] }: GatewayOptions): Promise<Fitting> {
  if (asOf === null || needs.length === 0) return { hidden: {}, shown: {} }
  return registry.fitting(asOf, needs, () => fitTogether(registry, asOf, needs))
}

function emptyLog(): GatewayLog {
  return {
    connections: 0,
    packuments: 0,
    tarballs: 0,
    bytes: 0,
    served: [],
    missing: [],
    refused: [],
    faults: [],
    flags: new Set(),
    dated: false,
    unsure: [],
  }
}

function makeServer(context: Context): Server {
  const server = createServer({
    maxHeaderSize: 16 * 1024,
    headersTimeout: 20_000,
    requestTimeout: 60_000,
    keepAliveTimeout: 30_000,
  })
  server.maxConnections = 512
  // A client that reads nothing for this long holds a file open for nothing.
  server.setTimeout(120_000, (stuck: { destroy(): void }) => stuck.destroy())
  server.on('connection', () => {
    context.log.connections += 1
  })
  server.on('request', (request, response) => {
    answer(context, { request, response }).catch((error: unknown) => {
      note(context.log.faults, messageOf(error))
      if (!response.headersSent) reply(response, 503, { error: 'the package gateway failed' })
      else response.destroy()
    })
  })
  server.on('connect', (request, stream) => {
    note(context.log.refused, { what: `CONNECT ${request.url ?? ''}`.slice(0, 300), why: 'no tunnels' })
    stream.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
  })
  server.on('clientError', (_error, stream) => {
    // Not HTTP, or headers too large: what arrived is not kept.
    note(context.log.refused, { what: 'unreadable request', why: 'not HTTP' })
    if (stream.writable) stream.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')
  })
  return server
}

async function answer(context: Context, exchange: Exchange): Promise<void> {
  exchange.request.resume()
  try {
    if (isProtocolTarget(exchange.request.url ?? '')) await answerProtocol(context, exchange)
    else await answerNpm(context, exchange)
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    note(context.log.faults, error.message)
    if (exchange.response.headersSent) exchange.response.destroy()
    else reply(exchange.response, 503, { error: error.message })
  }
}
