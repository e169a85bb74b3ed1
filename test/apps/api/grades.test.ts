import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createToken, type Scope } from '../../../src/access/index.ts'
import { grades, tasks } from '../../../src/db/schema.ts'
import { claimGrade, finishGrade, type Outcome } from '../../../src/grade/claim.ts'
import { addRepository, addTask } from '../../filled-database.ts'
import { type ApiScene, openApiScene } from './scene.ts'

let scene: ApiScene
let made = 0

beforeAll(async () => {
  scene = await openApiScene()
  const { db } = scene
  await addTask(db, await addRepository(db), 1)
  await addTask(db, await addRepository(db, 'other/thing'), 1)
})
afterAll(() => scene.close())
beforeEach(() => {
  made += 1
})

const task = 'acme__shop-1'
const token = (scopes: readonly Scope[], owners: readonly string[] | null) => {
  made += 1
  return createToken(scene.db, { name: `token ${made}`, scopes, owners, expiresAt: null })
}
const ask = (body: object, headers: Record<string, string> = {}, as?: string) =>
  scene.post('/v1/grades', body, { headers, ...(as === undefined ? {} : { token: as }) })

const result = {
  failToPass: { passed: ['test/a.js > mends'], failed: [] },
  passToPass: { passed: 1, failed: ['test/a.js > stays'] },
  run: { ended: 'completed', seconds: 2 },
  detail: null,
}
const unresolved: Outcome = { verdict: 'unresolved', reward: 0, result, log: null, seconds: 2.5, testSeconds: 2 }

async function gradeNext(outcome: Outcome): Promise<void> {
  const claimed = await claimGrade(scene.db, crypto.randomUUID(), 'here', { root: 'root', tasks: [], layers: [] })
  expect(await finishGrade(scene.db, claimed ?? expect.fail(), outcome)).toBe(true)
}

describe('POST /v1/grades', () => {
  it('takes one patch on', async () => {
    const answer = await ask({ task, patch: `one ${made}` })
    expect(answer.statusCode, answer.body).toBe(202)
    expect(answer.json().grades).toMatchObject([
      { task, revision: 1, state: 'queued', verdict: null, reward: null, counts: null, started_at: null },
    ])
    await gradeNext(unresolved)
  })

  it('takes a batch on, in its order, and grades nothing twice', async () => {
    const before = await scene.db.$count(grades)
    const same = { task, patch: `same ${made}` }
    const answer = await ask({
      grades: [same, { task: `${task}@1`, patch_base64: btoa(same.patch) }, { task: 'other__thing-1', patch: '' }],
    })
    expect(answer.json().grades.map((grade: { task: string }) => grade.task)).toEqual([task, task, 'other__thing-1'])
    expect(await scene.db.$count(grades)).toBe(before + 2)
    await gradeNext(unresolved)
    await gradeNext(unresolved)
  })

  it('gives the same grades for the same key, and refuses the key with another body', async () => {
    const key = { 'idempotency-key': `key ${made}` }
    const first = await ask({ task, patch: `kept ${made}` }, key)
    const again = await ask({ task, patch: `kept ${made}` }, key)
    expect(again.json().grades[0].grade).toBe(first.json().grades[0].grade)
    const other = await ask({ task, patch: 'other' }, key)
    expect(other.statusCode).toBe(409)
    expect(other.json().errors).toMatchObject([{ field: 'header idempotency-key' }])
    // The key is the token's own.
    const otherToken = await token(['grades:write'], null)
    expect((await ask({ task, patch: 'other' }, key, otherToken)).statusCode).toBe(202)
    await gradeNext(unresolved)
    await gradeNext(unresolved)
  })

  it.each<[string, object]>([
    ['nothing', {}],
    ['a task without a patch', { task }],
    ['both forms of a patch', { task, patch: '', patch_base64: '' }],
    ['a number for a task', { task: 7, patch: '' }],
    ['base64 that is none', { task, patch_base64: '%%%' }],
    ['a NUL byte', { task, patch: 'a\0b' }],
    ['a NUL byte in base64', { task, patch_base64: btoa('a\0b') }],
    ['half a character', { task, patch: '\ud800' }],
    ['an empty batch', { grades: [] }],
    ['257 patches', { grades: Array.from({ length: 257 }, () => ({ task, patch: '' })) }],
    ['a key that is not known', { task, patch: '', reward: 1 }],
  ])('refuses %s', async (_, body) => {
    const answer = await ask(body)
    expect(answer.statusCode, answer.body).toBe(400)
    expect(answer.json().errors).not.toEqual([])
  })

  it('names the field that is wrong, in a batch as well, and how it is right', async () => {
    const number = await ask({ task: 7, patch: '' })
    expect(number.json().errors).toMatchObject([{ field: 'task' }])
    const inBatch = await ask({
      grades: [
        { task, patch: '' },
        { task, patch_base64: '%' },
      ],
    })
    expect(inBatch.json().errors).toMatchObject([{ field: 'grades[1].patch_base64' }])
    const neither = await ask({ task })
    expect(neither.json().errors).toMatchObject([
      { field: 'body', mend: expect.stringContaining('{task, patch_base64}') },
    ])
  })

  it('refuses 50 MB, and a patch of more than 8 MiB', async () => {
    expect((await ask({ task, patch: 'x'.repeat(50_000_000) })).statusCode).toBe(413)
    const large = await ask({ grades: [{ task, patch: 'x'.repeat(8 * 2 ** 20 + 1) }] })
    expect(large.statusCode).toBe(413)
    expect(large.json().errors).toMatchObject([{ field: 'grades[0].patch' }])
  })

  it('knows no task that is not there, is erased, or belongs to others, and then takes none of the batch on', async () => {
    const before = await scene.db.$count(grades)
    expect(
      (
        await ask({
          grades: [
            { task, patch: 'x' },
            { task: 'acme__shop-9', patch: 'x' },
          ],
        })
      ).statusCode,
    ).toBe(404)
    const ofOther = await token(['grades:write'], ['other'])
    expect((await ask({ task, patch: 'x' }, {}, ofOther)).statusCode).toBe(404)
    const erased = await addTask(scene.db, await addRepository(scene.db, 'acme/gone'), 1)
    await scene.db.update(tasks).set({ erasedAt: new Date() })
    const answer = await ask({ task: 'acme__gone-1', patch: 'x' })
    await scene.db.update(tasks).set({ erasedAt: null })
    expect(erased).toBeGreaterThan(0)
    expect(answer.statusCode).toBe(404)
    expect(answer.json().detail).toContain('erased')
    expect(await scene.db.$count(grades)).toBe(before)
  })
})

describe('GET /v1/grades/{grade}', () => {
  it('waits for a grade that is under way, and tells what came of it', async () => {
    const { grade } = (await ask({ task, patch: `waited ${made}` })).json().grades[0]
    const waiting = Array.from({ length: 200 }, () => scene.get(`/v1/grades/${grade}?wait=60`))
    await gradeNext(unresolved)
    for (const answer of await Promise.all(waiting)) {
      expect(answer.json()).toMatchObject({
        ...{ state: 'done', verdict: 'unresolved', reward: 0, seconds: 2.5, run: { ended: 'completed', seconds: 2 } },
        counts: { fail_to_pass: { passed: 1, failed: 0 }, pass_to_pass: { passed: 1, failed: 1 } },
        fail_to_pass: { passed: ['test/a.js > mends'], failed: [] },
        pass_to_pass: { passed: 1, failed: ['test/a.js > stays'] },
      })
    }
  })

  it('gives what there is when the wait is over', async () => {
    const { grade } = (await ask({ task, patch: `slow ${made}` })).json().grades[0]
    expect((await scene.get(`/v1/grades/${grade}?wait=1`)).json()).toMatchObject({ state: 'queued' })
    await gradeNext(unresolved)
  })

  it('names tests and shows the log only to tokens that may see tests', async () => {
    const blind = await token(['grades:write'], null)
    const { grade } = (await ask({ task, patch: `blind ${made}` }, {}, blind)).json().grades[0]
    const { digest } = await scene.blobs.put(Buffer.from('1 failing\n'))
    await gradeNext({ ...unresolved, log: digest })
    expect((await scene.get(`/v1/grades/${grade}`, { token: blind })).json()).toMatchObject({
      ...{ verdict: 'unresolved', counts: { pass_to_pass: { failed: 1 } }, fail_to_pass: null, pass_to_pass: null },
    })
    expect((await scene.get(`/v1/grades/${grade}/log`, { token: blind })).statusCode).toBe(404)
    const log = await scene.get(`/v1/grades/${grade}/log`)
    expect(log.headers['content-type']).toContain('text/plain')
    expect(log.body).toBe('1 failing\n')
  })

  it('has a log once it is done, and an empty one where nothing was run', async () => {
    const { grade } = (await ask({ task, patch: `quiet ${made}` })).json().grades[0]
    const early = await scene.get(`/v1/grades/${grade}/log`)
    expect([early.statusCode, early.json().detail]).toEqual([409, `wait for it: GET /v1/grades/${grade}?wait=60`])
    await gradeNext({ ...unresolved, verdict: 'patch-rejected', log: null })
    const late = await scene.get(`/v1/grades/${grade}/log`)
    expect([late.statusCode, late.body]).toEqual([200, ''])
  })

  it('gives no reward and no counts for a fault', async () => {
    const { grade } = (await ask({ task, patch: `fault ${made}` })).json().grades[0]
    await gradeNext({ ...unresolved, verdict: 'fault', reward: null, result: { ...result, detail: 'disk: no room' } })
    expect((await scene.get(`/v1/grades/${grade}`)).json()).toMatchObject({
      ...{ state: 'done', verdict: 'fault', reward: null, counts: null, detail: 'disk: no room' },
    })
  })

  it('exists for tokens of the same owners, and for no others', async () => {
    const scopes: Scope[] = ['grades:write', 'tests:read']
    const [mine, colleague, stranger] = await Promise.all(
      [['acme'], ['acme'], ['other']].map((owners) => token(scopes, owners)),
    )
    const { grade } = (await ask({ task, patch: `mine ${made}` }, {}, mine ?? '')).json().grades[0]
    expect((await scene.get(`/v1/grades/${grade}`, { token: colleague ?? '' })).statusCode).toBe(200)
    expect((await scene.get(`/v1/grades/${grade}`, { token: stranger ?? '' })).statusCode).toBe(404)
    expect((await scene.get(`/v1/grades/${grade}/log`, { token: stranger ?? '' })).statusCode).toBe(404)
    // A token that sees everything has a realm of its own.
    expect((await scene.get(`/v1/grades/${grade}`)).statusCode).toBe(404)
    await gradeNext(unresolved)
  })

  it.each(['?wait=61', '?wait=-1', '?wait=soon'])('refuses %s', async (query) => {
    expect((await scene.get(`/v1/grades/${crypto.randomUUID()}${query}`)).statusCode).toBe(400)
  })

  it('knows no grade that is not there', async () => {
    expect((await scene.get(`/v1/grades/${crypto.randomUUID()}`)).statusCode).toBe(404)
  })
})
