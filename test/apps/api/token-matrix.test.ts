import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createToken, revokeToken, type Scope, scopeNames } from '../../../src/access/index.ts'
import { type MatrixRoute, matrixRoutes, publicRoutes } from './matrix-routes.ts'
import { type MatrixScene, openMatrixScene } from './matrix-scene.ts'

let scene: MatrixScene
const tokens = new Map<string, string>()

beforeAll(async () => {
  scene = await openMatrixScene()
  for (const scope of scopeNames) tokens.set(scope, await made(scope, [scope]))
  tokens.set('others', await made('others', scopeNames, ['umbrella']))
  tokens.set('own', await made('own', scopeNames, ['ACME']))
  tokens.set('expired', await made('expired', scopeNames, null, new Date(Date.now() - 1000)))
  tokens.set('revoked', await made('revoked', scopeNames))
  await revokeToken(scene.db, 'revoked')
  tokens.set('unknown', `quarry_${'x'.repeat(43)}`)
})
afterAll(() => scene.close())

function made(name: string, scopes: readonly Scope[], owners: string[] | null = null, expiresAt: Date | null = null) {
  return createToken(scene.db, { name, scopes, owners, expiresAt })
}

async function ask({ method, url, body }: MatrixRoute, token: string | null) {
  const answer = await scene.web.inject({
    ...{ method, url: url(scene) },
    ...(body === undefined ? {} : { payload: body(scene) }),
    headers: token === null ? {} : { authorization: `Bearer ${tokens.get(token)}` },
  })
  return { status: answer.statusCode, body: answer.body, headers: answer.headers }
}

it('has every route of the OpenAPI document: who adds one says here who may take it', async () => {
  const document = (await scene.get('/openapi.json')).json()
  const stated = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations as object).map((method) => `${method.toUpperCase()} ${path}`),
  )
  const listed = matrixRoutes.map(({ method, path }) => `${method} ${path}`)
  expect(stated.sort()).toEqual(listed.sort())
})

it('has every route that there is: none is kept out of the document', () => {
  const served = scene.routes.filter((route) => route.includes(' /v1') && !route.startsWith('HEAD '))
  const listed = matrixRoutes.map(({ method, path }) => `${method} ${path.replace(/\{(\w+)\}/g, ':$1')}`)
  expect(served.toSorted()).toEqual(listed.toSorted())
})

describe.each(matrixRoutes)('$method $path', (route) => {
  it.each(scopeNames)('with the scope %s', async (scope) => {
    const { status, body } = await ask(route, scope)
    if (scope === route.scope) return expect([status, body]).toEqual([route.alone ?? route.status, expect.any(String)])
    expect([status, JSON.parse(body)]).toEqual([404, expect.objectContaining({ type: 'urn:quarry:problem:not-found' })])
  })

  it('of its own owner, in whatever case, it is as without an owner', async () => {
    expect((await ask(route, 'own')).status).toBe(route.ofOwn ?? route.status)
  })

  it('of another owner it is not there', async () => {
    const { status, body } = await ask(route, 'others')
    expect(status).toBe(route.ofOthers)
    // Nothing of it shows in a list or a count either.
    if (status < 300) expect(body).not.toContain('acme')
  })

  it.each(['expired', 'revoked', 'unknown', null])('with a token that is %s', async (token) => {
    const { status, body, headers } = await ask(route, token)
    expect([status, JSON.parse(body)]).toEqual([
      401,
      expect.objectContaining({ type: 'urn:quarry:problem:unauthorized' }),
    ])
    expect(headers['www-authenticate']).toContain('Bearer')
  })
})

it.each(publicRoutes)('%s is open to all', async (url) => {
  expect((await scene.get(url, { token: null })).statusCode).toBe(200)
})
