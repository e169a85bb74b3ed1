import { createReadStream } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { Fitting } from './npm/types.ts'
import type { ProtocolSession } from './protocol.ts'
import type { GatewayLog, GatewayOptions } from './types.ts'

const maximumNotes = 1000

/** What answering needs to know of the gateway. */
export interface Context extends Required<Omit<GatewayOptions, 'socketFolder' | 'needs'>> {
  readonly log: GatewayLog
  readonly session: ProtocolSession
  /** Asked for with the first packument: an install from a whole lockfile asks for none. */
  readonly fitting: () => Promise<Fitting>
}

export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

/** Adds to a list of the gateway's log, up to its bound. */
export function note<T>(list: T[], entry: T): void {
  if (list.length < maximumNotes) list.push(entry)
}

export function reply(response: ServerResponse, status: number, body: object, type = 'application/json'): void {
  send(response, status, Buffer.from(JSON.stringify(body)), type)
}

export function send(response: ServerResponse, status: number, bytes: Buffer, type: string): void {
  response.writeHead(status, { 'content-type': type, 'content-length': bytes.length })
  response.end(bytes)
}

export function missing(context: Context, response: ServerResponse, what: string): void {
  note(context.log.missing, what)
  reply(response, 404, { error: 'not found' })
}

/** Sends a kept package, and counts it. */
export async function sendPackage(
  context: Context,
  { request, response }: Exchange,
  name: string,
  { path, bytes }: { readonly path: string; readonly bytes: number },
): Promise<void> {
  note(context.log.served, name)
  context.log.tarballs += 1
  context.log.bytes += bytes
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': bytes })
  if (request.method === 'HEAD') {
    response.end()
    return
  }
  await pipeline(createReadStream(path), response).catch((error: unknown) => {
    // A client may hang up halfway; anything else is ours.
    if (!response.destroyed) throw error
  })
}
