import { mkdtemp, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openRegistry } from '../../src/package-gateway/index.ts'
import { addressOf, type LocalRegistry, startRegistry } from './local-registry.ts'
import { openRelayed, type RelayedGateway } from './relay.ts'

/** What an install script might try, on a gateway with a server beside it that must stay untouched. */
let folder: string
let upstream: LocalRegistry
let gateway: RelayedGateway
let victim: string
let touched = 0
const bystander = createServer((_request, response) => {
  touched += 1
  response.end('secret')
})

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gw-test-'))
  upstream = await startRegistry([{ name: 'plain', versions: { '1.0.0': {} } }])
  await new Promise<void>((resolve) => bystander.listen(0, '127.0.0.1', resolve))
  victim = addressOf(bystander.address())
  const registry = openRegistry({
    upstream: { registry: upstream.address, scopes: new Map(), certificates: null, proxy: null },
    credentials: [],
    owner: 'acme',
    store: join(folder, 'store'),
    backoff: [],
  })
  gateway = await openRelayed({ registry, asOf: null, socketFolder: folder })
})

afterAll(async () => {
  await gateway.close()
  await upstream.close()
  bystander.close()
  await rm(folder, { recursive: true, force: true })
})

function request(line: string, host = 'localhost'): Promise<string> {
  return gateway.raw(`${line} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
}

describe('refused with 403, by name, and never passed on', () => {
  test.each([
    ['path traversal', 'GET /../../../../etc/passwd'],
    ['encoded traversal', 'GET /%2e%2e/%2e%2e/etc/passwd'],
    ['traversal in a tarball', 'GET /plain/-/..%2f..%2f..%2fetc%2fpasswd.tgz'],
    ['traversal in a scope', 'GET /@..%2f..%2f/etc'],
    ['a slash encoded twice', 'GET /@scope%252fname'],
    ['a backslash', 'GET /..\\..\\etc'],
    ['a null byte', 'GET /plain%00.tgz'],
    ['a malformed escape', 'GET /%zz'],
    ['a deep path', 'GET /plain/1.0.0/etc/passwd'],
    ['not a tarball', 'GET /plain/-/passwd'],
    ['publishing', 'PUT /plain'],
    ['unpublishing', 'DELETE /plain/-rev/1'],
    ['logging in', 'PUT /-/user/org.couchdb.user:me'],
    ['another POST', 'POST /-/npm/v1/tokens'],
    ['no path at all', 'OPTIONS *'],
  ])('%s', async (_name, line) => {
    const before = [upstream.asked.length, gateway.log.refused.length]
    const answer = await request(line)
    expect(answer).toMatch(/^HTTP\/1\.1 403 /)
    expect([upstream.asked.length, gateway.log.refused.length - 1]).toEqual(before)
    expect(gateway.log.refused.at(-1)?.what).toContain(line.split(' ')[1])
  })

  test('a tunnel to the host', async () => {
    const answer = await request(`CONNECT ${new URL(victim).host}`)
    expect(answer).toMatch(/^HTTP\/1\.1 403 /)
    expect(gateway.log.refused.at(-1)?.what).toContain(new URL(victim).host)
  })
})

test('an absolute address is answered out of the registry, and its host never contacted', async () => {
  expect(await request(`GET ${victim}plain`)).toContain('"name":"plain"')
  expect(await request(`GET ${victim}latest/meta-data/iam`)).toMatch(/^HTTP\/1\.1 403 /)
  expect(touched).toBe(0)
})

test('the Host header decides nothing', async () => {
  const answer = await request('GET /plain', 'evil.example')
  expect(answer).toContain(`${gateway.address}/plain/-/plain-1.0.0.tgz`)
  expect(answer).not.toContain('evil.example')
})

test('a registry that points its tarball at another host is asked at its own address instead', async () => {
  const turncoat = await startRegistry([{ name: 'plain', versions: { '1.0.0': {} } }])
  turncoat.intercept = (incoming, response) => {
    const isDocument = incoming.url === '/plain' || incoming.url === '/plain/1.0.0'
    const version = { name: 'plain', version: '1.0.0', dist: { tarball: `${victim}plain/-/plain-1.0.0.tgz` } }
    if (isDocument)
      response.end(
        JSON.stringify(incoming.url === '/plain' ? { name: 'plain', versions: { '1.0.0': version } } : version),
      )
    return isDocument
  }
  const registry = openRegistry({
    upstream: { registry: turncoat.address, scopes: new Map(), certificates: null, proxy: null },
    credentials: [],
    owner: 'acme',
    store: join(folder, 'store-turncoat'),
    backoff: [],
  })
  const other = await openRelayed({ registry, asOf: null, socketFolder: folder })
  expect((await fetch(`${other.address}/plain/-/plain-1.0.0.tgz`)).status).toBe(200)
  expect(touched).toBe(0)
  await other.close()
  await turncoat.close()
})

test('headers without end are cut off', async () => {
  const answer = await gateway.raw(`GET /plain HTTP/1.1\r\nHost: a\r\nX-Long: ${'x'.repeat(64 * 1024)}\r\n\r\n`)
  expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /)
})

test('a smuggled second request is read as a request of its own', async () => {
  const answer = await gateway.raw(
    'POST /-/npm/v1/security/audits HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /secret HTTP/1.1\r\n\r\n',
  )
  expect(answer).toMatch(/^HTTP\/1\.1 400 /)
})

test('clients that send nothing keep nobody else waiting', async () => {
  const idle = Array.from({ length: 50 }, () => connect(gateway.socket))
  await Promise.all(idle.map((each) => new Promise((resolve) => each.once('connect', resolve))))
  expect((await fetch(`${gateway.address}/plain`)).status).toBe(200)
  for (const each of idle) each.destroy()
})

test('audits find nothing, quietly, and no package name leaves the machine', async () => {
  const before = upstream.asked.length
  const response = await fetch(`${gateway.address}/-/npm/v1/security/advisories/bulk`, {
    method: 'POST',
    body: '{"secret-name":["1.0.0"]}',
  })
  expect([response.status, await response.json(), upstream.asked.length]).toEqual([200, {}, before])
})

test('the socket lies where only its own user can come', async () => {
  expect((await stat(dirname(gateway.socket))).mode & 0o777).toBe(0o700)
})
