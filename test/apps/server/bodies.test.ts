import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type HeldBody, makeBodyReader, type Unread } from '../../../src/apps/server/bodies.ts'

let server: Server
let reading: { readonly body: Promise<HeldBody | Unread>; readonly incoming: IncomingMessage }[]

beforeEach(async () => {
  const read = makeBodyReader({ largest: 1000, together: 1500 })
  reading = []
  server = createServer((incoming) => {
    reading.push({ incoming, body: read(incoming) })
    server.emit('reading')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

/** A request of which the body is sent by and by. */
async function open() {
  const heard = once(server, 'reading')
  const { port } = server.address() as AddressInfo
  const sending = request({ port, host: '127.0.0.1', method: 'POST' })
  sending.on('error', () => undefined)
  sending.flushHeaders()
  await heard
  const held = reading.at(-1)
  if (held === undefined) throw new Error('nothing is read')
  return { sending, body: held.body }
}

test('a body whose length nobody told is given up where it grows too large', async () => {
  const { sending, body } = await open()
  sending.end('x'.repeat(1001))
  expect(await body).toBe('too-large')
})

test('all bodies together are bounded until they are released', async () => {
  const first = await open()
  first.sending.end('x'.repeat(900))
  const held = await first.body
  if (typeof held === 'string') throw new Error(held)
  const second = await open()
  second.sending.end('x'.repeat(900))
  expect(await second.body).toBe('too-much-at-once')
  held.release()
  held.release()
  const third = await open()
  third.sending.end('x'.repeat(900))
  expect(await third.body).toMatchObject({ bytes: Buffer.from('x'.repeat(900)) })
})

test('what a sender that goes away has sent counts no more', async () => {
  const gone = await open()
  gone.sending.write('x'.repeat(900))
  gone.sending.destroy()
  expect(await gone.body).toBe('broken-off')
  const next = await open()
  next.sending.end('x'.repeat(1000))
  expect(await next.body).toMatchObject({ bytes: expect.any(Buffer) })
})
