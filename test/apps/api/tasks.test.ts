import { brotliDecompressSync, gunzipSync, gzipSync, zstdDecompressSync } from 'node:zlib'
import { desc, eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createToken } from '../../../src/access/index.ts'
import { servings, snapshots, tasks, tokens } from '../../../src/db/schema.ts'
import { eraseRepository } from '../../../src/erasure/erase.ts'
import { addRepository, addTask } from '../../filled-database.ts'
import { type MatrixScene, openMatrixScene } from './matrix-scene.ts'

let scene: MatrixScene

beforeAll(async () => {
  scene = await openMatrixScene()
  const repositoryId = await addRepository(scene.db, 'umbrella/lab')
  for (let number = 1; number <= 25; number += 1) await addTask(scene.db, repositoryId, number)
})
afterAll(() => scene.close())

const namesOf = (page: { tasks: { task: string }[] }) => page.tasks.map(({ task }) => task)

describe('a list of tasks', () => {
  it('comes in pages, each task once, as of the first', async () => {
    const found: string[] = []
    let cursor: string | null = ''
    const sequences = new Set<number>()
    while (cursor !== null) {
      const answer = await scene.get(`/v1/tasks?limit=10${cursor === '' ? '' : `&cursor=${cursor}`}`)
      const page = answer.json()
      found.push(...namesOf(page))
      sequences.add(page.as_of)
      cursor = page.next_cursor
    }
    expect([found.length, new Set(found).size, sequences.size]).toEqual([26, 26, 1])
  })

  it('is the same by a body', async () => {
    const byQuery = (await scene.get('/v1/tasks?repository=umbrella/lab&sort=oldest&limit=3&fields=task')).json()
    const query = { repository: 'umbrella/lab', sort: 'oldest', limit: 3, fields: ['task'] }
    const byBody = (await scene.post('/v1/tasks/search', query)).json()
    expect(byBody).toEqual(byQuery)
    expect(byBody.tasks).toEqual([
      { task: 'umbrella__lab-1' },
      { task: 'umbrella__lab-2' },
      { task: 'umbrella__lab-3' },
    ])
  })

  it('refuses the cursor of another query', async () => {
    const { next_cursor: cursor } = (await scene.get('/v1/tasks?limit=2')).json()
    for (const query of [`limit=2&sort=oldest&cursor=${cursor}`, 'cursor=nonsense']) {
      const answer = await scene.get(`/v1/tasks?${query}`)
      expect(answer.statusCode).toBe(400)
      expect(answer.json().errors).toEqual([expect.objectContaining({ field: 'cursor' })])
    }
  })

  it.each([
    ['limit=0', 'limit', 'a whole number from 1 to 1000'],
    ['limit=1e9', 'limit', 'a whole number from 1 to 1000'],
    ['limit=1&limit=2', 'limit', 'give it once'],
    ['lnguage=go', 'lnguage', 'did you mean language?'],
    ['sort=newst', 'sort', 'did you mean newest?'],
    ['repository=shop', 'repository', 'acme/shop'],
    ['merged_after=yesterday', 'merged_after', '2024-05-01'],
    ['merged_before=2024-02-30', 'merged_before', '2024-05-01'],
    ['cutoff=9999-12-31T23:59:59-14:00', 'cutoff', '2024-05-01'],
    ['as_of=0000-01-01', 'as_of', '1200'],
    ['as_of=2023-02-29T10:00:00Z', 'as_of', '1200'],
    ['ended_since=0001-01-01T00:00:00%2B14:00', 'ended_since', '1200'],
    ['difficulty_min=5&difficulty_max=1', 'difficulty_min', 'swap'],
    ['text=%00', 'text', ''],
    ['as_of=5&solve_rate_min=0.5', 'solve_rate_min', 'leave one of the two out'],
    ['fields=task,tsak', 'fields', 'did you mean task?'],
    ['flag=', 'flag', ''],
  ])('refuses %s: names the field and the mend', async (query, field, mend) => {
    const answer = await scene.get(`/v1/tasks?${query}`)
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([400, expect.stringContaining('problem+json')])
    expect(answer.json().errors).toEqual([
      { field, problem: expect.stringMatching(/./), mend: expect.stringContaining(mend) },
    ])
  })

  it.each([
    ['{"repository":["a/b","c"]}', 'repository[1]'],
    ['{"filter":{}}', 'filter'],
    ['[]', 'body'],
    ['null', 'body'],
    ['{"limit":', 'body'],
    ['', 'body'],
  ])('refuses the body %s', async (payload, field) => {
    const headers = { authorization: `Bearer ${scene.token}`, 'content-type': 'application/json' }
    const answer = await scene.web.inject({ method: 'POST', url: '/v1/tasks/search', payload, headers })
    expect(answer.statusCode).toBe(400)
    expect(answer.json().errors).toEqual([expect.objectContaining({ field })])
  })

  it('takes JSON alone, compressed where it says so, and not without end', async () => {
    const send = (headers: Record<string, string>, payload: string | Buffer) =>
      scene.web.inject({
        ...{ method: 'POST', url: '/v1/tasks/search', payload },
        headers: { authorization: `Bearer ${scene.token}`, ...headers },
      })
    const json = { 'content-type': 'application/json' }
    expect((await send({ 'content-type': 'text/plain' }, '{}')).statusCode).toBe(415)
    const asked = gzipSync(JSON.stringify({ limit: 1 }))
    const answer = await send({ ...json, 'content-encoding': 'gzip' }, asked)
    expect([answer.statusCode, answer.json().tasks.length]).toEqual([200, 1])
    expect((await send({ ...json, 'content-encoding': 'lzma' }, asked)).statusCode).toBe(415)
    const bomb = gzipSync(Buffer.alloc(50 * 2 ** 20, ' '))
    expect((await send({ ...json, 'content-encoding': 'gzip' }, bomb)).statusCode).toBe(413)
  })

  it('says that it has no other format', async () => {
    const answer = await scene.get('/v1/tasks', { headers: { accept: 'text/csv' } })
    expect(answer.statusCode).toBe(406)
    expect(answer.json().detail).toContain('application/x-ndjson')
  })

  it.each([
    ['zstd', zstdDecompressSync],
    ['br', brotliDecompressSync],
    ['gzip', gunzipSync],
  ])('is compressed by %s where that is asked for, as lines too', async (encoding, decompressed) => {
    const plain = await scene.get('/v1/tasks?limit=1000')
    const headers = { 'accept-encoding': encoding }
    const answer = await scene.get('/v1/tasks?limit=1000', { headers })
    expect(answer.headers['content-encoding']).toBe(encoding)
    expect(decompressed(answer.rawPayload).toString()).toBe(plain.body)
    const lines = await scene.get('/v1/tasks', { headers: { ...headers, accept: 'application/x-ndjson' } })
    expect(lines.headers['content-encoding']).toBe(encoding)
    expect(decompressed(lines.rawPayload).toString().trimEnd().split('\n')).toHaveLength(26)
  })

  it('is not sent again to who has it', async () => {
    const first = await scene.get('/v1/tasks?limit=5')
    const headers = { 'if-none-match': String(first.headers.etag) }
    const again = await scene.get('/v1/tasks?limit=5', { headers })
    expect([again.statusCode, again.body]).toEqual([304, ''])
    expect((await scene.get('/v1/tasks?limit=6', { headers })).statusCode).toBe(200)
    // What is not there has nothing to be the same.
    expect((await scene.get('/v1/tasks/acme__shop-9', { headers: { 'if-none-match': '*' } })).statusCode).toBe(404)
  })
})

describe('one task', () => {
  it('has what an agent is told, and nothing of tests and fix', async () => {
    const answer = await scene.get('/v1/tasks/acme__shop-1')
    expect(answer.json()).toMatchObject({
      ...{ task: 'acme__shop-1', revision: 1, owner: 'acme', base_commit: 'b'.repeat(40) },
      statement: { title: 'Pull 1', issue: 'It breaks', hints: 'look here' },
    })
    expect(answer.body).not.toMatch(/test\/a\.js|fix\\n/)
  })

  it('is an older revision where that is named', async () => {
    const repositoryId = await addRepository(scene.db, 'acme/old')
    for (const title of ['first', 'second'])
      await addTask(scene.db, repositoryId, 7, { statement: { title, issue: '', hints: '' } })
    const title = async (name: string) => (await scene.get(`/v1/tasks/${name}`)).json().statement?.title
    expect(await title('acme__old-7')).toBe('second')
    expect(await title('acme__old-7@1')).toBe('first')
    expect((await scene.get('/v1/tasks/acme__old-7@3')).statusCode).toBe(404)
  })

  it('gives its tests and its fix by routes of their own, bytes that are no text as base64', async () => {
    expect((await scene.get('/v1/tasks/acme__shop-1/tests')).json()).toMatchObject({
      fail_to_pass: ['test/a.js > mends'],
      pass_to_pass: ['test/a.js > holds', 'test/a.js > stays'],
      ...{ flaky: [], before: { 'test/a.js > mends': 'failed' }, test_patch: 'tests\n', test_patch_base64: null },
    })
    const latin = Buffer.from([0xe9, 0x0a])
    const [row] = await scene.db.select().from(tasks).where(eq(tasks.name, 'umbrella__lab-1'))
    await scene.db
      .update(snapshots)
      .set({ fixPatch: latin })
      .where(eq(snapshots.id, row?.snapshotId ?? 0))
    expect((await scene.get('/v1/tasks/umbrella__lab-1/solution')).json()).toMatchObject({
      fix_patch: null,
      fix_patch_base64: latin.toString('base64'),
    })
  })

  it('has its layer as a file: whole, in parts, and not again to who has it', async () => {
    const ask = (headers: Record<string, string> = {}) =>
      scene.get('/v1/tasks/acme__shop-1/environment/layer', { headers })
    const whole = await ask()
    const etag = String(whole.headers.etag)
    expect(whole.rawPayload.equals(scene.layer)).toBe(true)
    const part = await ask({ range: 'bytes=2-9', 'if-range': etag })
    expect([part.statusCode, part.rawPayload]).toEqual([206, scene.layer.subarray(2, 10)])
    for (const known of [etag, '*']) {
      const again = await ask({ 'if-none-match': known, range: 'bytes=2-' })
      expect([again.statusCode, again.rawPayload.length, again.headers.etag]).toEqual([304, 0, etag])
    }
    expect((await ask({ 'if-match': '"another"' })).statusCode).toBe(412)
    expect((await ask({ range: `bytes=${scene.layer.length}-` })).statusCode).toBe(416)
  })

  it('that was erased says so, to those who may have had it', async () => {
    const repositoryId = await addRepository(scene.db, 'acme/gone')
    await addTask(scene.db, repositoryId, 1)
    await eraseRepository(scene.db, repositoryId, 'forgotten')
    const answer = await scene.get('/v1/tasks/acme__gone-1/tests')
    expect([answer.statusCode, answer.json().title]).toEqual([404, 'erased'])
    const token = await createToken(scene.db, {
      ...{ name: 'umbrella', scopes: ['tests:read'], owners: ['umbrella'], expiresAt: null },
    })
    expect((await scene.get('/v1/tasks/acme__gone-1/tests', { token })).json().title).toBe('not found')
  })
})

describe('the audit trail', () => {
  const rows = async (name: string) => {
    const [token] = await scene.db.select().from(tokens).where(eq(tokens.name, name))
    return scene.db
      .select()
      .from(servings)
      .where(eq(servings.tokenId, token?.id ?? 0))
      .orderBy(desc(servings.id))
  }

  it('has a row for each request that was served something, and none for the others', async () => {
    const token = await createToken(scene.db, {
      ...{ name: 'audited', scopes: ['tasks:read', 'tests:read'], owners: null, expiresAt: null },
    })
    const asked = { token }
    await scene.get('/v1/tasks?repository=acme/shop&fields=task', asked)
    await scene.get('/v1/tasks', { token, headers: { accept: 'application/x-ndjson' } })
    await scene.get('/v1/tasks/acme__shop-1', asked)
    await scene.get('/v1/tasks/acme__shop-1/tests', asked)
    await scene.get('/v1/tasks/acme__shop-1/environment/layer', { token, headers: { range: 'bytes=0-9' } })
    await scene.get('/v1/tasks/acme__shop-1/solution', asked)
    await scene.get('/v1/tasks/acme__shop-99', asked)
    await scene.get('/v1/tasks?limit=0', asked)
    await scene.web.inject({
      method: 'HEAD',
      url: '/v1/tasks/acme__shop-1/tests',
      headers: { authorization: `Bearer ${token}` },
    })
    const trail = await rows('audited')
    expect(trail.map(({ what, taskId, tasks: count }) => [what, taskId, count]).reverse()).toEqual([
      ['tasks', null, 1],
      ['tasks', null, expect.any(Number)],
      ['task', scene.taskId, 1],
      ['tests', scene.taskId, 1],
      ['layer', scene.taskId, 1],
    ])
    expect(trail.at(-1)?.detail).toMatchObject({ query: { repository: ['acme/shop'] }, as_of: expect.any(Number) })
    expect(trail.at(-2)).toMatchObject({ tasks: 27, detail: { format: 'application/x-ndjson', ended: 'whole' } })
  })

  it('keeps of a long list its digest', async () => {
    const exclude = Array.from({ length: 5000 }, (_, at) => `acme__shop-${at + 100}`)
    expect((await scene.post('/v1/tasks/search', { exclude })).statusCode).toBe(200)
    const [row] = await rows('all')
    expect(row?.detail).toMatchObject({
      query: { exclude: { items: 5000, digest: expect.stringContaining('sha256:') } },
    })
  })

  it('loses none of many at once', async () => {
    const token = await createToken(scene.db, { name: 'many', scopes: ['tasks:read'], owners: null, expiresAt: null })
    await Promise.all(Array.from({ length: 100 }, () => scene.get('/v1/tasks/acme__shop-1', { token })))
    expect(await rows('many')).toHaveLength(100)
  })
})
