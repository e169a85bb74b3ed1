import { once } from 'node:events'
import { request } from 'node:http'
import { PassThrough } from 'node:stream'
import { afterEach, expect, it } from 'vitest'
import { closeWeb } from '../../../src/apps/server/close.ts'
import { makeWeb } from '../../../src/apps/server/web.ts'
import { makeLog } from '../../../src/log.ts'

let body: PassThrough

async function serve() {
  body = new PassThrough()
  const web = makeWeb(makeLog('silent'))
  web.get('/', (_request, reply) => reply.send(body))
  const address = await web.listen({ port: 0, host: '127.0.0.1' })
  const asked = request(address, { agent: false })
  asked.end()
  body.write('begun')
  const [answer] = await once(asked, 'response')
  return { web, address, answer }
}

afterEach(() => body.destroy())

it('lets an answer that is on its way end, and takes no more', async () => {
  const { web, address, answer } = await serve()
  const closed = closeWeb(web)
  await expect
    .poll(() =>
      fetch(address).then(
        () => 'taken',
        () => 'refused',
      ),
    )
    .toBe('refused')
  body.end(', ended')
  let text = ''
  for await (const chunk of answer) text += chunk
  expect(text).toBe('begun, ended')
  await closed
})

it('cuts an answer that does not end, so that its reader sees it', async () => {
  const { web, answer } = await serve()
  const read = async () => {
    for await (const _ of answer);
  }
  await Promise.all([closeWeb(web, 100), expect(read()).rejects.toThrow('aborted')])
})
