import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { gunzipSync } from 'node:zlib'
import compress from '@fastify/compress'
import type { FastifyInstance } from 'fastify'
import { afterEach, expect, it } from 'vitest'
import { sendLines } from '../../../src/apps/api/send-lines.ts'
import { makeWeb } from '../../../src/apps/server/web.ts'
import { makeLog } from '../../../src/log.ts'

const log = makeLog('silent')
let web: FastifyInstance
afterEach(() => web.close())

/** Serves what a generator gives, and tells how the answer ended. */
async function serve(items: () => AsyncGenerator<{ n: number }>) {
  web = makeWeb(log)
  await web.register(compress, { customTypes: /ndjson/ })
  const told = Promise.withResolvers<{ count: number; ended: string }>()
  web.get('/', (_request, reply) => {
    reply.type('application/x-ndjson')
    const ended = async (count: number, detail: { ended: string }) => told.resolve({ count, ...detail })
    return reply.send(sendLines(items(), (item) => item, { log, ended }))
  })
  const address = await web.listen({ port: 0, host: '127.0.0.1' })
  return { address, ended: told.promise }
}

async function* numbers(count: number, seen: (n: number) => void = () => undefined) {
  for (let n = 0; n < count; n += 1) {
    seen(n)
    yield { n }
  }
}

async function* failing(after: number) {
  yield* numbers(after)
  throw new Error('the database went away')
}

async function response(address: string): Promise<IncomingMessage> {
  const [answer] = await once(get(address, { agent: false }), 'response')
  return answer
}

it('gives every item a line, and ends', async () => {
  const { address, ended } = await serve(() => numbers(50_000))
  const body = await (await fetch(address)).text()
  const lines = body.trimEnd().split('\n')
  expect([lines.length, lines.at(-1)]).toEqual([50_000, '{"n":49999}'])
  expect(await ended).toEqual({ count: 50_000, ended: 'whole' })
})

it.each([undefined, 'gzip'])(
  'never ends like a whole answer where the items fail on the way (%s)',
  async (encoding) => {
    const { address, ended } = await serve(() => failing(200_000))
    const headers = encoding === undefined ? {} : { 'accept-encoding': encoding }
    const [answer] = await once(get(address, { agent: false, headers }), 'response')
    const chunks: Buffer[] = []
    const cut = async () => {
      for await (const chunk of answer) chunks.push(chunk)
    }
    await expect(cut()).rejects.toThrow('aborted')
    expect(chunks.length).toBeGreaterThan(0)
    if (encoding === 'gzip') expect(() => gunzipSync(Buffer.concat(chunks))).toThrow('unexpected end of file')
    expect(await ended).toEqual({ count: 200_000, ended: 'cut' })
  },
)

it('is a problem document where they fail before the first', async () => {
  const { address } = await serve(() => failing(0))
  const answer = await fetch(address, { headers: { 'accept-encoding': 'gzip' } })
  expect([answer.status, answer.headers.get('content-encoding')]).toEqual([500, null])
  expect(await answer.json()).toMatchObject({ status: 500 })
})

it('reads no further than its reader, and stops where that goes', async () => {
  let read = 0
  const { address, ended } = await serve(() =>
    numbers(5_000_000, (n) => {
      read = n
    }),
  )
  const answer = await response(address)
  await once(answer, 'readable')
  // It stands still once the buffers between are full: what it read by then is what it holds.
  await expect.poll(() => read).toBeGreaterThan(1000)
  const readable = { before: -1 }
  await expect
    .poll(() => {
      const stands = read === readable.before
      readable.before = read
      return stands
    })
    .toBe(true)
  expect(read).toBeLessThan(2_500_000)
  answer.destroy()
  expect(await ended).toMatchObject({ ended: 'cut' })
})
