import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createToken, revokeToken } from '../../../src/access/index.ts'
import { addRepository, addTask } from '../../filled-database.ts'
import { type ApiScene, openApiScene } from './scene.ts'

let scene: ApiScene

beforeAll(async () => {
  scene = await openApiScene({ rateLimits: { requests: 500 } })
  await addTask(scene.db, await addRepository(scene.db), 1)
})
afterAll(() => scene.close())

const task = '/v1/tasks/acme__shop-1'
const made = (name: string, expiresAt: Date | null = null) =>
  createToken(scene.db, { name, scopes: ['tasks:read'], owners: null, expiresAt })

describe('who asks', () => {
  it('has a token, or is told how to get one', async () => {
    const answer = await scene.get(task, { token: null })
    expect(answer.statusCode).toBe(401)
    expect(answer.headers).toMatchObject({
      'content-type': expect.stringContaining('application/problem+json'),
      'www-authenticate': 'Bearer realm="quarry"',
    })
    expect(answer.json()).toMatchObject({
      ...{ status: 401, type: 'urn:quarry:problem:unauthorized' },
      detail: expect.stringContaining('quarry token create'),
    })
  })

  it('is refused from the moment on that its token is revoked', async () => {
    const token = await made('short')
    expect((await scene.get(task, { token })).statusCode).toBe(200)
    await revokeToken(scene.db, 'short')
    const answer = await scene.get(task, { token })
    expect(answer.statusCode).toBe(401)
    expect(answer.headers['www-authenticate']).toContain('invalid_token')
  })

  it.each(['nonsense', `quarry_${'A'.repeat(43)}`, `quarry_${'A'.repeat(43)}'`, 'quarry_\u0000'])(
    'is not known by %j',
    async (token) => {
      expect((await scene.get(task, { token })).statusCode).toBe(401)
    },
  )

  it('is refused when its token has expired', async () => {
    const token = await made('over', new Date(Date.now() - 1000))
    expect((await scene.get(task, { token })).statusCode).toBe(401)
  })

  it('does not see a route out of its scopes', async () => {
    const token = await createToken(scene.db, { name: 'op', scopes: ['operate'], owners: null, expiresAt: null })
    expect((await scene.get(task, { token })).statusCode).toBe(404)
    // Not even by what a wrong method is told.
    expect((await scene.post(task, {}, { token })).statusCode).toBe(404)
  })
})

describe('what is wrong is told by a problem document', () => {
  it('of a task that is not there', async () => {
    const answer = await scene.get('/v1/tasks/acme__shop-2')
    expect(answer.statusCode).toBe(404)
    expect(answer.json()).toMatchObject({ status: 404, detail: expect.stringContaining('acme__shop-2') })
  })

  it.each([
    '%00',
    'a%20b',
    `acme__shop-1@${'9'.repeat(30)}`,
    'acme__shop-1@0',
    "';drop",
    '..%2f..',
    `a-${'1'.repeat(240)}`,
  ])('of a name that can be no task: %s', async (name) => {
    expect((await scene.get(`/v1/tasks/${name}`)).statusCode).toBe(404)
  })

  it('of a parameter that nobody knows', async () => {
    const answer = await scene.get(`${task}?feilds=task`)
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toMatchObject({ errors: [{ field: 'feilds', problem: 'is not known' }] })
  })

  it('of a wrong method, with those that are right', async () => {
    const answer = await scene.web.inject({
      ...{ method: 'DELETE', url: task },
      headers: { authorization: `Bearer ${scene.token}` },
    })
    expect(answer.statusCode).toBe(405)
    expect(answer.headers.allow).toBe('GET, HEAD')
  })

  it('of a wrong method at an address that could be a parameter, too, with its own alone', async () => {
    for (const method of ['PUT', 'GET', 'HEAD'] as const) {
      const { statusCode, headers } = await scene.web.inject({
        ...{ method, url: '/v1/tasks/search' },
        headers: { authorization: `Bearer ${scene.token}` },
      })
      expect([method, statusCode, headers.allow]).toEqual([method, 405, 'POST'])
    }
  })

  it('of a wrong address, with the one that is near', async () => {
    const answer = await scene.get('/v1/taks/acme__shop-1')
    expect(answer.statusCode).toBe(404)
    expect(answer.json().detail).toContain('did you mean /v1/tasks/{task}?')
  })

  it('of an address that can not be read, outside of /v1 too', async () => {
    for (const [url, status] of [
      ['/%zz', 400],
      ['/nowhere', 404],
    ] as const) {
      const answer = await scene.get(url, { token: null })
      expect(answer.statusCode).toBe(status)
      expect(answer.headers['content-type']).toContain('application/problem+json')
    }
  })
})

it('gives each answer an id', async () => {
  const answer = await scene.get(task)
  expect(answer.headers['x-request-id']).toMatch(/^[\da-f-]{36}$/)
})

it('tells what is left of a token\u2019s budget, and refuses what is over it', async () => {
  const token = await made('eager')
  const first = await scene.get(task, { token })
  expect(first.headers['ratelimit-policy']).toBe('"requests";q=500;w=60')
  expect(first.headers.ratelimit).toBe('"requests";r=499;t=60')
  for (let sent = 1; sent < 500; sent += 1) await scene.get('/v1/nothing', { token })
  const over = await scene.get(task, { token })
  expect(over.statusCode).toBe(429)
  expect(Number(over.headers['retry-after'])).toBeGreaterThan(0)
  expect(over.headers.ratelimit).toMatch(/^"requests";r=0;t=\d+$/)
  // Another's is its own.
  expect((await scene.get(task)).statusCode).toBe(200)
})
