import { createReadStream } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import semver from 'semver'
import { Fault, messageOf } from '../errors.ts'
import { type VisiblePackage, visibleAsOf } from './as-of.ts'
import { fitTogether } from './fitting.ts'
import { baseName } from './package-name.ts'
import { parseRoute, type Route } from './route.ts'
import {
  type Fitting,
  type Gateway,
  type GatewayLog,
  type GatewayOptions,
  gatewayAddress,
  type KeptVersion,
} from './types.ts'

const maximumNotes = 1000
const abbreviated = 'application/vnd.npm.install-v1+json'

/**
 * Opens the one door of an install's network: a server on a unix socket of its own that speaks npm's registry and nothing else.
 * One gateway an install, so that its log tells what that install asked for.
 */
export async function openGateway(options: GatewayOptions): Promise<Gateway> {
  const folder = await mkdtemp(join(options.socketFolder, 'gw-'))
  const socket = join(folder, 's')
  const log = emptyLog()
  const context: Context = {
    ...options,
    log,
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

interface Context extends Required<Omit<GatewayOptions, 'socketFolder' | 'needs'>> {
  readonly log: GatewayLog
  /** Asked for with the first packument: an install from a whole lockfile asks for none. */
  readonly fitting: () => Promise<Fitting>
}

async function fittingOf({ registry, asOf, needs = [] }: GatewayOptions): Promise<Fitting> {
  if (asOf === null || needs.length === 0) return { hidden: {}, shown: {} }
  return registry.fitting(asOf, needs, () => fitTogether(registry, asOf, needs))
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null
  return () => {
    made ??= make()
    return made
  }
}

function emptyLog(): GatewayLog {
  return {
    packuments: 0,
    tarballs: 0,
    bytes: 0,
    served: [],
    missing: [],
    refused: [],
    faults: [],
    flags: new Set(),
    unsure: [],
  }
}

function note<T>(list: T[], entry: T): void {
  if (list.length < maximumNotes) list.push(entry)
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
  server.on('request', (request, response) => {
    answer(context, request, response).catch((error: unknown) => {
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

async function answer(context: Context, request: IncomingMessage, response: ServerResponse): Promise<void> {
  request.resume()
  const route = parseRoute(request.method ?? '', request.url ?? '')
  if (route.kind === 'refused') {
    note(context.log.refused, { what: `${request.method} ${request.url}`.slice(0, 300), why: route.why })
    return reply(response, 403, { error: `the package gateway refuses this: ${route.why}` })
  }
  if (route.kind === 'audit') return reply(response, 200, {})
  if (route.kind === 'ping') return reply(response, 200, {})
  if (route.kind === 'absent') return reply(response, 404, { error: 'not found' })
  try {
    if (route.kind === 'tarball') await answerTarball(context, route, request, response)
    else await answerPackage(context, route, request, response)
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    note(context.log.faults, error.message)
    reply(response, 503, { error: error.message })
  }
}

type TarballRoute = Extract<Route, { kind: 'tarball' }>
type PackageRoute = Extract<Route, { kind: 'packument' | 'version' | 'tags' }>

async function answerTarball(
  context: Context,
  route: TarballRoute,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const kept = await context.registry.tarball(route.name, route.file)
  if (kept === null) return missing(context, response, `${route.name}/-/${route.file}`)
  note(context.log.served, `${route.name}/-/${route.file}`)
  context.log.tarballs += 1
  context.log.bytes += kept.bytes
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': kept.bytes })
  if (request.method === 'HEAD') {
    response.end()
    return
  }
  await pipeline(createReadStream(kept.path), response).catch((error: unknown) => {
    // A client may hang up halfway; anything else is ours.
    if (!response.destroyed) throw error
  })
}

async function answerPackage(
  context: Context,
  route: PackageRoute,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const packument = await context.registry.packument(route.name, context.asOf)
  if (packument === null) return missing(context, response, route.name)
  const { hidden, shown } = await context.fitting()
  const visible = visibleAsOf(packument, context.asOf, {
    hidden: hidden[route.name] ?? [],
    shown: shown[route.name] ?? [],
  })
  noteVisible(context, route.name, visible)
  if (route.kind === 'tags') return reply(response, 200, visible.tags)
  if (route.kind === 'version') return answerVersion(context, route, visible, response)
  const short = (request.headers.accept ?? '').includes(abbreviated)
  const document = packumentDocument(context, route.name, visible, !short)
  reply(response, 200, document, short ? abbreviated : 'application/json')
}

function noteVisible(context: Context, name: string, visible: VisiblePackage): void {
  context.log.packuments += 1
  if (!context.log.served.includes(name)) note(context.log.served, name)
  if (!visible.unsure) return
  context.log.flags.add('registry-times-unsure')
  if (!context.log.unsure.includes(name)) note(context.log.unsure, name)
}

/** `/name/latest`, `/name/^1.2.0`, `/name/1.2.0`: one manifest. */
function answerVersion(
  context: Context,
  route: Extract<Route, { kind: 'version' }>,
  visible: VisiblePackage,
  response: ServerResponse,
): void {
  const tagged = visible.tags[route.selector]
  const version =
    tagged ??
    semver.maxSatisfying(
      visible.versions.map(([each]) => each),
      route.selector,
    )
  const found = visible.versions.find(([each]) => each === version)
  if (found === undefined) missing(context, response, `${route.name}@${route.selector}`)
  else reply(response, 200, manifestFor(context, route.name, found))
}

function packumentDocument(context: Context, name: string, visible: VisiblePackage, withTimes: boolean): object {
  const versions = Object.fromEntries(visible.versions.map((each) => [each[0], manifestFor(context, name, each)]))
  const modified = iso(Math.max(0, ...visible.versions.map(([, kept]) => publishedAt(kept, context.asOf))))
  const document = { name, 'dist-tags': visible.tags, versions, modified }
  return withTimes
    ? { ...document, _id: name, time: { created: iso(0), modified, ...times(context, visible) } }
    : document
}

/** With its tarball at the gateway's own address, under the name by which every client knows it. */
function manifestFor(context: Context, name: string, [version, kept]: readonly [string, KeptVersion]): object {
  const file = `${baseName(name)}-${version}.tgz`
  return { ...kept.manifest, dist: { ...kept.manifest.dist, tarball: `${context.address}/${name}/-/${file}` } }
}

/** Clients that resolve by time (npm's `before`, pnpm's `time-based`) see times that agree with what they are shown. */
function times(context: Context, visible: VisiblePackage): Record<string, string> {
  return Object.fromEntries(visible.versions.map(([version, kept]) => [version, iso(publishedAt(kept, context.asOf))]))
}

function publishedAt(kept: KeptVersion, asOf: Date | null): number {
  const known = kept.notBefore ?? kept.notAfter ?? 0
  return asOf === null ? known : Math.min(known, asOf.getTime())
}

function iso(time: number): string {
  return new Date(time).toISOString()
}

function missing(context: Context, response: ServerResponse, what: string): void {
  note(context.log.missing, what)
  reply(response, 404, { error: 'not found' })
}

function reply(response: ServerResponse, status: number, body: object, type = 'application/json'): void {
  const bytes = Buffer.from(JSON.stringify(body))
  response.writeHead(status, { 'content-type': type, 'content-length': bytes.length })
  response.end(bytes)
}
