import { createConfig, lintFromString } from '@redocly/openapi-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { scopeNames } from '../../../src/access/index.ts'
import { type ApiScene, openApiScene } from './scene.ts'

let scene: ApiScene
let text: string

beforeAll(async () => {
  scene = await openApiScene()
  text = `${JSON.stringify((await scene.get('/openapi.json', { token: null })).json(), null, 2)}\n`
})
afterAll(() => scene.close())

it('docs/openapi.json is what the server serves (`npm run api:document` writes it)', async () => {
  await expect(text).toMatchFileSnapshot('../../../docs/openapi.json')
})

it('is the same however often a process registers the routes', async () => {
  const again = await openApiScene()
  try {
    expect((await again.get('/openapi.json', { token: null })).json()).toEqual(JSON.parse(text))
  } finally {
    await again.close()
  }
})

it('passes redocly\u2019s recommended rules', async () => {
  const config = await createConfig({ extends: ['recommended'] })
  const problems = await lintFromString({ source: text, absoluteRef: 'openapi.json', config })
  const told = problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} at ${location[0]?.pointer}`)
  expect(told).toEqual([])
})

interface Operation {
  readonly operationId?: string
  readonly summary?: string
  readonly tags?: readonly string[]
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[]
  readonly responses: Readonly<Record<string, unknown>>
}

it('says of every operation what it is called, who may take it, and how it fails', () => {
  const paths: Record<string, Record<string, Operation>> = JSON.parse(text).paths
  const operations = Object.values(paths).flatMap((methods) => Object.values(methods))
  const ids = operations.map(({ operationId }) => operationId)
  expect(new Set(ids).size).toBe(operations.length)
  for (const { operationId, summary, tags, security, responses } of operations) {
    expect([operationId, summary, tags?.length]).toEqual([expect.any(String), expect.any(String), 1])
    expect(scopeNames).toContain(security?.[0]?.token?.[0])
    expect(Object.keys(responses)).toEqual(expect.arrayContaining(['400', '401', '404', '429', '500', '503']))
  }
})
