import { createHmac } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { addressOf } from '../package-gateway/local-registry.ts'
import { type JsonObject, objectAt } from './json.ts'
import { appToken, ask, makeSample, type Sample } from './sample.ts'

let sample: Sample
let receiver: Awaited<ReturnType<typeof startReceiver>>

beforeEach(async () => {
  sample = await makeSample()
  receiver = await startReceiver()
})
afterEach(async () => {
  expect(sample.github.problems).toEqual([])
  await sample.close()
  await receiver.close()
})

/** Plays the App: keeps what it gets, and answers with what the test says. */
async function startReceiver() {
  const heard: { headers: IncomingMessage['headers']; body: string }[] = []
  const receiver = { status: 200 }
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    heard.push({ headers: request.headers, body: Buffer.concat(chunks).toString() })
    response.writeHead(receiver.status).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(receiver, {
    heard,
    url: `${addressOf(server.address())}webhooks`,
    close: () => new Promise((resolve) => server.close(resolve)),
  })
}

const asApp = (path: string, init?: RequestInit) => ask(sample.github, path, appToken(sample.github), init)
const deliver = (event: string, payload: JsonObject) => sample.github.deliver(event, payload, { to: receiver.url })

describe('a delivery', () => {
  it('is signed as GitHub signs, and says what happened', async () => {
    const { github, repository, installation } = sample
    const payload = await github.payloads.pullRequestClosed(repository, 7)
    const delivery = await github.deliver('pull_request', payload, { to: receiver.url, guid: 'guid-1' })
    expect(delivery).toMatchObject({ statusCode: 200, status: 'OK', guid: 'guid-1', redelivery: false })
    const [got] = receiver.heard
    const signature = createHmac('sha256', github.webhookSecret)
      .update(got?.body ?? '')
      .digest('hex')
    expect(got?.headers).toMatchObject({
      'x-github-event': 'pull_request',
      'x-github-delivery': 'guid-1',
      'x-hub-signature-256': `sha256=${signature}`,
      'user-agent': expect.stringMatching(/^GitHub-Hookshot\//),
    })
    expect(JSON.parse(got?.body ?? '')).toMatchObject({
      action: 'closed',
      number: 7,
      pull_request: { merged: true, merge_commit_sha: sample.mergeCommit },
      repository: { id: repository.id, full_name: 'acme/shop' },
      installation: { id: installation.id },
    })
  })

  it('that failed is listed and sent again on request', async () => {
    receiver.status = 500
    const failed = await deliver('installation', sample.github.payloads.installation('created', sample.installation))
    receiver.status = 200
    await deliver('installation', sample.github.payloads.installation('suspend', sample.installation))
    const list = await asApp('/app/hook/deliveries?status=failure')
    expect(list).toMatchObject({ body: [{ id: failed.id, status_code: 500, installation_id: sample.installation.id }] })
    const again = await asApp(`/app/hook/deliveries/${failed.id}/attempts`, { method: 'POST' })
    expect(again.status).toBe(202)
    await sample.github.redelivered()
    expect(sample.github.deliveries.at(-1)).toMatchObject({ guid: failed.guid, redelivery: true, statusCode: 200 })
    expect(receiver.heard).toHaveLength(3)
    expect((await asApp(`/app/hook/deliveries/${failed.id}`)).body).toMatchObject({
      request: { payload: { action: 'created' } },
    })
  })

  it('is recorded though nobody listens, and reaches the App where it is later', async () => {
    const payload = sample.github.payloads.repositoryChanged('archived', sample.repository)
    const lost = await sample.github.deliver('repository', payload, { to: 'http://127.0.0.1:1/' })
    expect(lost).toMatchObject({ statusCode: 502, status: 'failed to connect to host' })
    sample.github.moveWebhooks(receiver.url)
    await asApp(`/app/hook/deliveries/${lost.id}/attempts`, { method: 'POST' })
    await sample.github.redelivered()
    expect(receiver.heard).toHaveLength(1)
  })

  it('is listed newest first, by cursor', async () => {
    const sent: number[] = []
    for (let n = 0; n < 5; n += 1) {
      const payload = sample.github.payloads.repositoryRenamed(sample.repository, 'acme/before')
      sent.unshift((await deliver('repository', payload)).id)
    }
    const listed: number[] = []
    for (let path: string | undefined = '/app/hook/deliveries?per_page=2'; path !== undefined; ) {
      const { body, headers } = await asApp(path)
      listed.push(...(Array.isArray(body) ? body.map((each) => Number(objectAt(each).id)) : []))
      path = /<[^>]+\/api\/v3([^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1]
    }
    expect(listed).toEqual(sent)
  })
})

describe('a payload keeps to the published shape', () => {
  it('of every event that Quarry hears', async () => {
    const { github, repository, installation, mergeCommit, head } = sample
    const { payloads } = github
    await deliver('issues', payloads.issueEdited(repository, 3, 'It is 1.'))
    await deliver('issue_comment', payloads.issueCommentCreated(repository, 3))
    for (const action of ['created', 'deleted', 'suspend', 'unsuspend'] as const)
      await deliver('installation', payloads.installation(action, installation))
    for (const action of ['added', 'removed'] as const)
      await deliver('installation_repositories', payloads.installationRepositories(action, installation, [repository]))
    for (const action of ['privatized', 'publicized', 'archived', 'unarchived', 'deleted'] as const)
      await deliver('repository', payloads.repositoryChanged(action, repository))
    await deliver('push', await payloads.push(repository, 'main', head, mergeCommit))
    expect(receiver.heard).toHaveLength(14)
  })

  it('and is told where it does not', async () => {
    const { action, ...rest } = sample.github.payloads.repositoryRenamed(sample.repository, 'acme/before')
    await deliver('repository', { ...rest, action: 'renamed', repository: null })
    await deliver('repository', { ...rest, action: 'exploded' })
    expect(sample.github.problems).toEqual([
      'webhook repository-renamed: /repository must be object',
      'webhook repository-exploded: GitHub sends no such event',
    ])
    sample.github.problems.length = 0
  })
})
