import { createHmac } from 'node:crypto'
import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeProbot } from '../../../src/apps/github-app/access.ts'
import { makeWeb } from '../../../src/apps/server/web.ts'
import { registerWebhooks, webhookPath } from '../../../src/apps/server/webhooks.ts'
import { readConfig } from '../../../src/config.ts'
import { deliveries } from '../../../src/db/schema.ts'
import { makeDeliveryStore } from '../../../src/pipeline/github/deliveries.ts'
import { type Jobs, jobNames } from '../../../src/pipeline.ts'
import { createQueue } from '../../../src/queue/queue.ts'
import type { Queue } from '../../../src/queue/types.ts'
import { appVariables } from '../../end-to-end/github-sample.ts'
import { type GitHubServer, startGitHub } from '../../github/index.ts'
import { watchedLog } from '../../log-lines.ts'
import { testDatabase } from '../../postgres.ts'

const { log, lines } = watchedLog('info')
let database: Awaited<ReturnType<typeof testDatabase>>
let github: GitHubServer
let queue: Queue<Jobs>
let web: ReturnType<typeof makeWeb>
let port: number
const counted: string[] = []
let made = 0

beforeAll(async () => {
  database = await testDatabase()
  github = await startGitHub({ validate: false })
  queue = await createQueue<Jobs>(database, jobNames, { log })
  const probot = makeProbot(readConfig({ ...appVariables(github), HOME: '/nonexistent' }).github, log)
  await probot.ready()
  web = makeWeb(log)
  registerWebhooks(web, {
    verify: (body, signature) => probot.webhooks.verify(body, signature),
    store: makeDeliveryStore(database.db, queue),
    counted: (_, outcome) => counted.push(outcome),
    log,
  })
  await web.listen({ port: 0, host: '127.0.0.1' })
  port = (web.server.address() as AddressInfo).port
})

afterAll(async () => {
  await web?.close()
  await queue?.stop()
  await github?.close()
  await database?.close()
})

interface Sent {
  readonly body: string
  /** Null: none is sent. */
  readonly signature?: string | null
  readonly headers?: Readonly<Record<string, string>>
}

/** Sends a delivery, rightly signed unless said otherwise; gives the status, the title of a refusal, and the GUID. */
async function send({ body, signature = sign(body), headers = {} }: Sent) {
  made += 1
  const guid = `guid-${made}`
  const answer = await fetch(`http://127.0.0.1:${port}${webhookPath}`, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'x-github-event': 'pull_request',
      'x-github-delivery': guid,
      ...(signature === null ? {} : { 'x-hub-signature-256': signature }),
      ...headers,
    },
  })
  const { title } = (await answer.json()) as { title?: string }
  return { status: answer.status, title, guid }
}

function sign(body: string): string {
  return `sha256=${createHmac('sha256', github.webhookSecret).update(body).digest('hex')}`
}

const stored = async () => new Map((await database.db.select().from(deliveries)).map((row) => [row.guid, row]))
const lastLine = () => lines().at(-1)
const pull = (padding = '') =>
  JSON.stringify({
    action: 'closed',
    installation: { id: 1 },
    repository: { id: 7, full_name: 'acme/shop' },
    pull_request: { number: 12, merged: true, body: padding },
  })

test('a delivery is stored, and its line says what it is about', async () => {
  const { status, guid } = await send({ body: pull() })
  expect(status).toBe(202)
  expect((await stored()).get(guid)).toMatchObject({ state: 'waiting', number: 12 })
  const about = { delivery: guid, event: 'pull_request', repository: 'acme/shop', pull: 12, action: 'closed' }
  expect(lastLine()).toMatchObject({ msg: 'webhook stored', ...about })
})

test.each<[string, number, () => Sent, RegExp]>([
  ['with a forged signature', 401, () => ({ body: pull(), signature: `sha256=${'0'.repeat(64)}` }), /WEBHOOK_SECRET/],
  ['with the signature of another body', 401, () => ({ body: pull(), signature: sign('{}') }), /WEBHOOK_SECRET/],
  ['with a signature of another form', 401, () => ({ body: pull(), signature: 'sha1=00' }), /WEBHOOK_SECRET/],
  ['without a signature', 401, () => ({ body: pull(), signature: null }), /set the webhook secret/],
  ['without a body', 401, () => ({ body: '' }), /signature/],
  ['of malformed JSON', 400, () => ({ body: pull().slice(0, -1) }), /not JSON/],
  ['of JSON that is no event', 400, () => ({ body: '[1]' }), /not JSON of an event/],
  [
    'as a form',
    415,
    () => ({ body: pull(), headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
    /json/,
  ],
  ['without an event', 400, () => ({ body: pull(), headers: { 'x-github-event': '' } }), /headers/],
])('a delivery %s is refused with %i and one clear line, and nothing is stored', async (_, expected, make, title) => {
  const before = lines().length
  const answer = await send(make())
  expect(answer).toMatchObject({ status: expected, title: expect.stringMatching(title) })
  expect(lines().slice(before)).toMatchObject([
    { level: 40, status: expected, msg: `webhook refused: ${answer.title}` },
  ])
  expect((await stored()).has(answer.guid)).toBe(false)
})

test('an event that nobody knows is noted, and no work', async () => {
  const { status, guid } = await send({ body: pull(), headers: { 'x-github-event': 'something_new' } })
  expect(status).toBe(202)
  expect((await stored()).get(guid)).toMatchObject({ event: 'something_new', state: 'ignored', payload: null })
})

test('the largest delivery that GitHub sends is taken whole, a larger one is not read', async () => {
  const largest = pull('x'.repeat(25 * 1000 * 1000))
  const { status, guid } = await send({ body: largest })
  expect(status).toBe(202)
  expect((await stored()).get(guid)?.payload?.toString()).toBe(largest)
  const head = { 'content-length': String(30 * 2 ** 20), 'x-github-event': 'push', 'x-github-delivery': 'too-large' }
  const answer = await new Promise<{ status: number | undefined; connection: string | undefined }>(
    (resolve, reject) => {
      const headers = { ...head, 'content-type': 'application/json', 'x-hub-signature-256': 'sha256=00' }
      const sending = request({ port, host: '127.0.0.1', path: webhookPath, method: 'POST', headers }, (response) => {
        resolve({ status: response.statusCode, connection: response.headers.connection })
        sending.destroy()
      })
      sending.on('error', reject)
      // The answer comes before the body does.
      sending.flushHeaders()
    },
  )
  expect(answer).toEqual({ status: 413, connection: 'close' })
  expect(lastLine()).toMatchObject({ level: 40, delivery: 'too-large', status: 413 })
})

test('each delivery is counted', () => {
  expect(counted.filter((outcome) => outcome === 'refused')).toHaveLength(10)
  expect(counted.filter((outcome) => outcome === 'stored')).toHaveLength(2)
})
