import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ask, installationToken, makeSample, query, type Sample } from './sample.ts'

let sample: Sample
let token: string

beforeEach(async () => {
  sample = await makeSample()
  token = await installationToken(sample.github, sample.installation)
})
afterEach(async () => {
  expect(sample.github.problems).toEqual([])
  await sample.close()
})

const get = (init?: RequestInit) => ask(sample.github, '/repos/acme/shop', token, init)
const remaining = ({ headers }: { headers: Headers }) => Number(headers.get('x-ratelimit-remaining'))
const smallQuery = '{ rateLimit { cost limit remaining resetAt used nodeCount } }'

describe('the hour’s budget', () => {
  it('shrinks with each request, but not with an answer that is known', async () => {
    const first = await get()
    expect(remaining(first)).toBe(4999)
    const again = await get({ headers: { 'if-none-match': first.headers.get('etag') ?? '' } })
    expect([again.status, again.body, remaining(again)]).toEqual([304, null, 4999])
    expect(remaining(await get())).toBe(4998)
    expect(await ask(sample.github, '/rate_limit', token)).toMatchObject({ body: { rate: { remaining: 4998 } } })
  })

  it('shrinks with an answer that was known to another token: tags are bound to theirs', async () => {
    const known = { 'if-none-match': (await get()).headers.get('etag') ?? '' }
    expect((await get({ headers: known })).status).toBe(304)
    const later = await installationToken(sample.github, sample.installation)
    const again = await ask(sample.github, '/repos/acme/shop', later, { headers: known })
    expect([again.status, remaining(again)]).toEqual([200, 4998])
  })

  it('refuses when it is used up, until it is fresh again', async () => {
    const resetAt = new Date(Date.now() + 3_600_000)
    sample.github.setRateLimit({ remaining: 1, resetAt })
    expect((await get()).status).toBe(200)
    const refused = await get()
    expect(refused).toMatchObject({ status: 403, body: { message: expect.stringMatching(/API rate limit exceeded/) } })
    expect(remaining(refused)).toBe(0)
    expect(refused.headers.get('x-ratelimit-reset')).toBe(String(Math.ceil(resetAt.getTime() / 1000)))
    sample.github.setRateLimit({ remaining: 5000 })
    expect((await get()).status).toBe(200)
  })

  it('is another for GraphQL, which refuses with a status of 200', async () => {
    sample.github.setRateLimit({ remaining: 1, resource: 'graphql' })
    expect(await query(sample.github, token, smallQuery)).toMatchObject({
      body: { data: { rateLimit: { cost: 1, limit: 5000, remaining: 0, used: 5000 } } },
    })
    const refused = await query(sample.github, token, smallQuery)
    expect(refused).toMatchObject({ status: 200, body: { errors: [{ type: 'RATE_LIMITED' }] } })
    expect(remaining(await get())).toBe(4999)
  })
})

describe('trouble on request', () => {
  it('is a secondary limit in GitHub’s words', async () => {
    sample.github.failNext({ kind: 'secondary', times: 2, retryAfter: 7 })
    const refused = await get()
    expect(refused).toMatchObject({ status: 403, body: { message: expect.stringMatching(/secondary rate limit/) } })
    expect(refused.headers.get('retry-after')).toBe('7')
    expect(remaining(refused)).toBe(5000)
    expect((await query(sample.github, token, smallQuery)).status).toBe(403)
    expect((await get()).status).toBe(200)
  })

  it('is a server’s failure, for the requests that are meant', async () => {
    sample.github.failNext({ kind: '502', matching: ({ kind }) => kind === 'graphql' })
    sample.github.failNext({ kind: '500', matching: ({ path }) => path.endsWith('/shop') })
    expect((await ask(sample.github, '/rate_limit', token)).status).toBe(200)
    expect((await get()).status).toBe(500)
    expect((await query(sample.github, token, smallQuery)).status).toBe(502)
    expect((await get()).status).toBe(200)
  })

  it('is a primary limit without any request before', async () => {
    const resetAt = new Date(Date.now() + 9_000)
    sample.github.failNext({ kind: 'primary', times: 2, resetAt })
    expect(remaining(await get())).toBe(0)
    expect(await query(sample.github, token, smallQuery)).toMatchObject({
      status: 200,
      body: { errors: [{ type: 'RATE_LIMITED' }] },
    })
  })

  it('is a connection that is cut', async () => {
    sample.github.failNext({ kind: 'reset' })
    await expect(get()).rejects.toThrow()
    expect(sample.github.requests.at(-1)?.status).toBe(0)
    expect((await get()).status).toBe(200)
  })

  it('is an answer that takes its time', async () => {
    sample.github.failNext({ kind: 'slow', delay: 100 })
    const started = performance.now()
    expect((await get()).status).toBe(200)
    expect(performance.now() - started).toBeGreaterThan(90)
  })
})
