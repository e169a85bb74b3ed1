import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createToken, type Scope } from '../../../src/access/index.ts'
import { servings } from '../../../src/db/schema.ts'
import { addRepository, addTask } from '../../filled-database.ts'
import { type ApiScene, openApiScene } from './scene.ts'

let scene: ApiScene
beforeAll(async () => {
  scene = await openApiScene()
  const shop = await addRepository(scene.db)
  for (const number of [7, 8, 9]) await addTask(scene.db, shop, number)
  await addTask(scene.db, await addRepository(scene.db, 'other/kiosk'), 1, { language: 'typescript' })
})
afterAll(() => scene?.close())

const idsIn = (body: string) =>
  body
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line).instance_id)

const tokenWith = (name: string, scopes: readonly Scope[], owners: readonly string[] | null = null) =>
  createToken(scene.db, { name, scopes, owners, expiresAt: null })

describe('GET /v1/export', () => {
  test('lines: every matching task, under a name to save them by', async () => {
    const answer = await scene.get('/v1/export?format=swebench&language=javascript&sort=oldest')
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['content-type']).toBe('application/x-ndjson')
    expect(answer.headers['content-disposition']).toBe('attachment; filename="swebench.jsonl"')
    expect(idsIn(answer.body)).toEqual(['acme__shop-7', 'acme__shop-8', 'acme__shop-9'])
    expect(idsIn((await scene.get('/v1/export?format=swebench&limit=2')).body)).toHaveLength(2)
  })

  test('a folder comes as an archive', async () => {
    const answer = await scene.get('/v1/export?format=parquet')
    expect(answer.headers['content-type']).toBe('application/x-tar')
    expect(answer.rawPayload.includes('data/train-00000.parquet')).toBe(true)
  })

  test('the same query as of a sequence gives the same bytes, whatever is published meanwhile', async () => {
    const url = '/v1/export?format=jsonl&repository=acme/shop&as_of=3'
    const before = (await scene.get(url)).body
    await addTask(scene.db, await addRepository(scene.db, 'acme/later'), 1)
    expect((await scene.get(url)).body).toBe(before)
    expect(before.split('\n').filter(Boolean)).toHaveLength(3)
  })

  test('an owner’s token gets what is that owner’s', async () => {
    const token = await tokenWith('kiosk', ['tasks:read', 'tests:read', 'solutions:read'], ['other'])
    expect(idsIn((await scene.get('/v1/export?format=swebench', { token })).body)).toEqual(['other__kiosk-1'])
  })

  test('who may not read tests and fixes finds no such route', async () => {
    for (const scopes of [
      ['tasks:read'],
      ['tasks:read', 'solutions:read'],
      ['tests:read', 'solutions:read'],
    ] as const) {
      const token = await tokenWith(scopes.join(), scopes)
      expect((await scene.get('/v1/export?format=swebench', { token })).statusCode).toBe(404)
    }
  })

  test.each([
    ['', 'format'],
    ['format=floppy', 'format'],
    ['format=swebench&limit=0', 'limit'],
    ['format=swebench&cursor=x', 'cursor'],
    ['format=swebench&as_of=99999', 'as_of'],
    ['format=swebench&as_of=1&solve_rate_min=0.5', 'solve_rate_min'],
    ['format=swebench&lines_min=9&lines_max=1', 'lines_min'],
  ])('?%s is refused, by the name of %s', async (query, field) => {
    const answer = await scene.get(`/v1/export?${query}`)
    expect(answer.statusCode).toBe(400)
    expect(answer.headers['content-type']).toContain('application/problem+json')
    expect(answer.body).toContain(field)
  })

  test('who was served how many is written down', async () => {
    const rows = await scene.db.select().from(servings)
    const exports = rows.filter(({ what }) => what === 'export')
    expect(exports.map(({ tasks }) => tasks)).toContain(3)
    expect(exports[0]?.detail).toMatchObject({ format: 'swebench' })
  })
})
