import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createToken, type Scope } from '../../../src/access/index.ts'
import { addTasks, letPass } from '../../leases/scene.ts'
import { type ApiScene, openApiScene } from './scene.ts'

let scene: ApiScene

beforeAll(async () => {
  scene = await openApiScene()
  for (const repository of ['acme/shop', 'acme/tool', 'other/thing']) await addTasks(scene.db, repository, 20)
})
afterAll(() => scene.close())

const token = (
  name: string,
  owners: string[] | null,
  scopes: Scope[] = ['leases:write', 'outcomes:write', 'tasks:read'],
) => createToken(scene.db, { name, scopes, owners, expiresAt: null })

let consumers = 0
const consumer = () => {
  consumers += 1
  return `run-${consumers}`
}
const names = (answer: { json(): { tasks: { task: string }[] } }) => answer.json().tasks.map(({ task }) => task)

describe('POST /v1/leases', () => {
  test('gives tasks, and where the lease is found', async () => {
    const answer = await scene.post('/v1/leases', {
      consumer: consumer(),
      count: 3,
      attempts: 8,
      ttl_seconds: 600,
      filter: { owner: 'acme' },
    })
    expect(answer.statusCode).toBe(201)
    const lease = answer.json()
    expect(lease).toMatchObject({
      state: 'open',
      attempts: 8,
      tasks: [{ lease_state: 'leased', state: 'live', owner: 'acme' }, {}, {}],
    })
    expect(answer.headers.location).toBe(`/v1/leases/${lease.lease}`)
    expect((await scene.get(`/v1/leases/${lease.lease}`)).json()).toEqual(lease)
  })

  test('with a key gives the same lease again, and refuses another request', async () => {
    const body = { consumer: consumer(), count: 2 }
    const headers = { 'idempotency-key': 'retry' }
    const answers = await Promise.all([1, 2, 3].map(() => scene.post('/v1/leases', body, { headers })))
    expect(new Set(answers.map((answer) => answer.json().lease)).size).toBe(1)
    const other = await scene.post('/v1/leases', { ...body, count: 3 }, { headers })
    expect(other.statusCode).toBe(409)
    expect(other.json()).toMatchObject({ errors: [{ field: 'header idempotency-key', mend: expect.anything() }] })
  })

  test('gives a token what it may see, and keeps its names apart from those of others', async () => {
    const same = consumer()
    const [mine, theirs] = [await token('mine', ['acme']), await token('theirs', ['other'])]
    const all = { consumer: same, count: 1000 }
    const given = await scene.post('/v1/leases', all, { token: mine })
    expect(names(given).length).toBe(40)
    expect(names(given).every((name) => name.startsWith('acme__'))).toBe(true)
    expect(names(await scene.post('/v1/leases', all, { token: theirs })).length).toBe(20)
    expect(names(await scene.post('/v1/leases', { ...all, filter: { owner: 'acme' } }, { token: theirs }))).toEqual([])
    for (const path of ['', '/renew', '/release', '/complete']) {
      const url = `/v1/leases/${given.json().lease}${path}`
      const answer =
        path === '' ? await scene.get(url, { token: theirs }) : await scene.post(url, {}, { token: theirs })
      expect([path, answer.statusCode]).toEqual([path, 404])
    }
  })

  test.each([
    [{}, 'consumer'],
    [{ consumer: '', count: 1 }, 'consumer'],
    [{ consumer: 'a\u0000b', count: 1 }, 'consumer'],
    [{ consumer: 'x' }, 'count'],
    [{ consumer: 'x', count: 0 }, 'count'],
    [{ consumer: 'x', count: 1001 }, 'count'],
    [{ consumer: 'x', count: 1.5 }, 'count'],
    [{ consumer: 'x', count: '3' }, 'count'],
    [{ consumer: 'x', count: 1, ttl_seconds: 59 }, 'ttl_seconds'],
    [{ consumer: 'x', count: 1, ttl_seconds: 86_401 }, 'ttl_seconds'],
    [{ consumer: 'x', count: 1, attempts: 1025 }, 'attempts'],
    [{ consumer: 'x', count: 1, again_after_seconds: -1 }, 'again_after_seconds'],
    [{ consumer: 'x', count: 1, again: 1 }, 'again'],
    [{ consumer: 'x', count: 1, filter: { langauge: 'go' } }, 'filter.langauge'],
    [{ consumer: 'x', count: 1, filter: { repository: 'nonsense' } }, 'filter.repository'],
    [{ consumer: 'x', count: 1, filter: { lines_min: 9, lines_max: 2 } }, 'filter.lines_min'],
    [{ consumer: 'x', count: 1, filter: { text: '!!' } }, 'filter.text'],
    [{ consumer: 'x', count: 1, filter: 7 }, 'filter'],
  ])('refuses %j by its field %s', async (body, field) => {
    const answer = await scene.post('/v1/leases', body)
    expect(answer.statusCode).toBe(400)
    const { errors } = answer.json()
    expect(errors.map((error: { field: string }) => error.field.replace(/\[0\]$/, ''))).toContain(field)
    for (const error of errors) expect(error.mend).not.toBe('')
  })
})

describe('a lease', () => {
  const open = async () => (await scene.post('/v1/leases', { consumer: consumer(), count: 3 })).json()

  test('is completed and released, whole or in parts', async () => {
    const { lease, tasks } = await open()
    const [first, second, third] = tasks.map(({ task }: { task: string }) => task)
    const states = async (answer: { json(): { tasks: { lease_state: string }[] } }) =>
      answer.json().tasks.map((task) => task.lease_state)
    expect(await states(await scene.post(`/v1/leases/${lease}/complete`, { tasks: [second] }))).toEqual([
      'leased',
      'completed',
      'leased',
    ])
    expect(await states(await scene.post(`/v1/leases/${lease}/release`, { tasks: [`${first}@1`] }))).toEqual([
      'released',
      'completed',
      'leased',
    ])
    const again = await scene.post(`/v1/leases/${lease}/complete`, { tasks: [second, first] })
    expect([again.statusCode, again.json().errors[0].field]).toEqual([409, 'tasks[1]'])
    const foreign = await scene.post(`/v1/leases/${lease}/release`, { tasks: [third, 'acme__shop-999'] })
    expect([foreign.statusCode, foreign.json().errors[0].field]).toEqual([400, 'tasks[1]'])
    const done = await scene.post(`/v1/leases/${lease}/complete`, {})
    expect(done.json()).toMatchObject({ state: 'ended' })
    expect(await states(done)).toEqual(['released', 'completed', 'completed'])
    expect((await scene.post(`/v1/leases/${lease}/renew`, {})).statusCode).toBe(409)
  })

  test('is completed by a request without a body', async () => {
    const { lease } = await open()
    const headers = { authorization: `Bearer ${scene.token}` }
    const answer = await scene.web.inject({ method: 'POST', url: `/v1/leases/${lease}/complete`, headers })
    expect([answer.statusCode, answer.json().state]).toEqual([200, 'ended'])
  })

  test('that has expired can neither be renewed nor completed', async () => {
    const { lease } = await open()
    const renewed = await scene.post(`/v1/leases/${lease}/renew`, { ttl_seconds: 60 })
    expect(renewed.statusCode).toBe(200)
    await letPass(scene.db, lease, 61)
    for (const path of ['renew', 'complete']) {
      const answer = await scene.post(`/v1/leases/${lease}/${path}`, {})
      expect([path, answer.statusCode]).toEqual([path, 409])
      expect(answer.json().errors[0].mend).not.toBe('')
    }
    expect((await scene.get(`/v1/leases/${lease}`)).json()).toMatchObject({
      state: 'expired',
      tasks: [{ lease_state: 'expired' }, {}, {}],
    })
    expect((await scene.post(`/v1/leases/${lease}/release`, {})).json()).toMatchObject({ state: 'expired' })
  })

  test.each(['', '/renew', '/release', '/complete'])('of an id that is none%s is not there', async (path) => {
    for (const id of ['nonsense', '0b9e1c1a-5d0e-4a51-9b2f-0e4f2a6c7d11']) {
      const url = `/v1/leases/${id}${path}`
      const answer = path === '' ? await scene.get(url) : await scene.post(url, {})
      expect([id, answer.statusCode]).toEqual([id, 404])
    }
  })
})

describe('outcomes', () => {
  const task = 'acme__shop-1'
  const outcome = { task, consumer: 'run', model: 'small', solved: true }

  test('make solve rates', async () => {
    const answer = await scene.post('/v1/outcomes', {
      outcomes: [outcome, { ...outcome, solved: false, reward: 0, tokens: 9 }],
    })
    expect([answer.statusCode, answer.json()]).toEqual([201, { stored: 2 }])
    const rates = await scene.get(`/v1/tasks/${task}/solve-rates`)
    expect(rates.json()).toMatchObject({
      task,
      overall: { attempts: 2, solved: 1, rate: 0.5, signal: null },
      models: [{ model: 'small' }],
    })
    expect((await scene.get('/v1/tasks/acme__shop-999/solve-rates')).statusCode).toBe(404)
  })

  test.each([
    [{}, 'outcomes'],
    [{ outcomes: [] }, 'outcomes'],
    [{ outcomes: Array(1001).fill(outcome) }, 'outcomes'],
    [{ outcomes: [outcome, { ...outcome, task: 'acme__shop-999' }] }, 'outcomes[1].task'],
    [{ outcomes: [{ ...outcome, task: 'no task' }] }, 'outcomes[0].task'],
    [{ outcomes: [{ ...outcome, model: '' }] }, 'outcomes[0].model'],
    [{ outcomes: [{ ...outcome, solved: 1 }] }, 'outcomes[0].solved'],
    [{ outcomes: [{ ...outcome, tokens: -1 }] }, 'outcomes[0].tokens'],
    [{ outcomes: [{ ...outcome, reward: '1' }] }, 'outcomes[0].reward'],
    [{ outcomes: [{ ...outcome, grade: 'x' }] }, 'outcomes[0].grade'],
    [{ outcomes: [{ ...outcome, grade: '0b9e1c1a-5d0e-4a51-9b2f-0e4f2a6c7d11' }] }, 'outcomes[0].grade'],
    [{ outcomes: [{ ...outcome, rewards: 1 }] }, 'outcomes[0].rewards'],
  ])('are refused by the field', async (body, field) => {
    const answer = await scene.post('/v1/outcomes', body)
    expect(answer.statusCode).toBe(400)
    expect(answer.json().errors).toContainEqual({ field, problem: expect.anything(), mend: expect.stringMatching(/./) })
  })

  test('and suspects are for who operates', async () => {
    const without = await token('without', null)
    expect((await scene.get('/v1/suspects', { token: without })).statusCode).toBe(404)
    expect((await scene.get('/v1/suspects')).json()).toEqual({ suspects: [], next_cursor: null })
    for (const query of ['min_patches=1', 'limit=0', 'repository=x', 'cursor=x', 'patches=3'])
      expect((await scene.get(`/v1/suspects?${query}`)).statusCode).toBe(400)
  })
})
