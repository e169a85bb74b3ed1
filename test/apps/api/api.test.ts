import { afterAll, beforeAll, expect, it } from 'vitest'
import { createToken } from '../../../src/access/index.ts'
import { type ApiScene, openApiScene } from './scene.ts'

let scene: ApiScene

beforeAll(async () => {
  scene = await openApiScene()
})
afterAll(() => scene.close())

it('asks for a token, and tells how to get one', async () => {
  const answer = await scene.get('/v1/tasks/acme__shop-1', { token: null })
  expect(answer.statusCode).toBe(401)
  expect(answer.headers['content-type']).toContain('application/problem+json')
  expect(answer.headers['www-authenticate']).toContain('Bearer')
  expect(answer.json()).toMatchObject({ status: 401, detail: expect.stringContaining('quarry token create') })
})

it('knows no task that is not there', async () => {
  const answer = await scene.get('/v1/tasks/acme__shop-1')
  expect(answer.statusCode).toBe(404)
  expect(answer.json()).toMatchObject({ status: 404, detail: expect.stringContaining('acme__shop-1') })
})

it('hides a route from a token without its scope', async () => {
  const token = await createToken(scene.db, { name: 'none', scopes: ['operate'], owners: null, expiresAt: null })
  expect((await scene.get('/v1/tasks/acme__shop-1', { token })).statusCode).toBe(404)
})

it('gives its OpenAPI document to all', async () => {
  const answer = await scene.get('/openapi.json', { token: null })
  expect(answer.json()).toMatchObject({ openapi: '3.1.0', paths: { '/v1/tasks/{task}': { get: expect.anything() } } })
})
