import { createHash } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openRegistry, pruneStore } from '../../src/package-gateway/index.ts'
import type { PackageProtocol } from '../../src/package-gateway/protocol.ts'
import { openProtocols, type ProtocolRegistries } from '../../src/package-gateway/protocols.ts'
import type { InstallCredential } from '../../src/package-gateway/types.ts'
import { type LocalFiles, startFiles } from './local-files.ts'
import { openRelayed, type RelayedGateway } from './relay.ts'

/** The least that a protocol can be: `/list` is a document, `/<file>` a file whose digest stands in `/<file>.sha256`. */
const toy = (upstream: string | null): PackageProtocol => ({
  name: 'toy',
  readUpstream: async () => (upstream === null ? null : { registries: [upstream], certificates: null, proxy: null }),
  open: ({ registries: [base = ''], document, file }) => ({
    async answer({ segments, asOf }) {
      const [name = '', ...more] = segments
      if (more.length > 0) return { kind: 'refused', why: 'not a path of toys' }
      if (name === 'list') {
        const found = await document(`${base}list`, { asOf })
        return found === null
          ? { kind: 'absent', name }
          : { kind: 'document', name, type: 'text/plain', body: found.body, unsure: asOf !== null }
      }
      const digest = await document(`${base}${name}.sha256`, { asOf: 'never-changes' })
      const expected = digest === null ? null : { sha512: null, sha256: digest.body.toString(), sha1: null }
      const kept = await file(`${base}${name}`, expected)
      return kept === null ? { kind: 'absent', name } : { kind: 'file', name, file: kept }
    },
  }),
})

let folder: string
let upstream: LocalFiles
let registries: ProtocolRegistries
let gateway: RelayedGateway

async function open(
  owner: string,
  credentials: readonly InstallCredential[] = [],
  asOf: Date | null = null,
  known = toy(upstream.address),
) {
  registries = openProtocols({ store: join(folder, 'store'), credentials, environment: {}, backoff: [] }, [known])
  const npm = { registry: upstream.address, scopes: new Map(), certificates: null, proxy: null }
  const registry = openRegistry({ upstream: npm, credentials, owner, store: join(folder, 'store'), backoff: [] })
  gateway = await openRelayed({
    registry,
    packages: (protocol) => registries.of(owner, protocol),
    asOf,
    socketFolder: folder,
  })
}

const ask = async (path: string, method = 'GET') => {
  const response = await gateway.raw(`${method} ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
  const [head = '', ...body] = response.split('\r\n\r\n')
  return { status: Number(head.split(' ')[1]), body: body.join('\r\n\r\n') }
}
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gw-test-'))
  upstream = await startFiles()
  upstream.files.set('list', { body: 'ball 1.0' })
  upstream.files.set('ball', { body: 'round' })
  upstream.files.set('ball.sha256', { body: sha256('round') })
})
afterEach(async () => {
  await gateway.close()
  await registries.close()
  await upstream.close()
  await rm(folder, { recursive: true, force: true })
})

describe('a protocol at the gateway', () => {
  test('answers below its prefix, also where an absolute address is asked for', async () => {
    await open('acme')
    expect(await ask('/~toy/list')).toEqual({ status: 200, body: 'ball 1.0' })
    expect(await ask('/~toy/list/')).toMatchObject({ status: 200 })
    expect(await ask('http://other.example/~toy/ball')).toEqual({ status: 200, body: 'round' })
    expect(await ask('/~toy/ball', 'HEAD')).toEqual({ status: 200, body: '' })
    expect(await ask('/~toy/doll')).toMatchObject({ status: 404 })
    expect(gateway.log).toMatchObject({ served: ['list', 'ball', 'ball'], missing: ['doll'], refused: [], faults: [] })
  })

  test.each([
    ['another method', '/~toy/list', 'PUT'],
    ['what it does not know', '/~toy/a/b', 'GET'],
    ['a protocol that is none', '/~Toy/list', 'GET'],
    ['a protocol that Quarry does not have', '/~dolls/list', 'GET'],
    ['traversal', '/~toy/../list', 'GET'],
    ['encoded traversal', '/~toy/%2e%2e/list', 'GET'],
    ['an encoded slash', '/~toy/a%2f..%2flist', 'GET'],
    ['nothing', '/~', 'GET'],
  ])('refuses %s', async (_, path, method) => {
    await open('acme')
    expect((await ask(path, method)).status).toBe(403)
    expect(gateway.log.refused).toHaveLength(1)
    expect(upstream.asked).toEqual([])
  })

  test('a machine without its tool has no such registry', async () => {
    await open('acme', [], null, toy(null))
    expect(await ask('/~toy/list')).toMatchObject({ status: 403 })
    expect(gateway.log.refused[0]?.why).toContain('no registry of toy')
  })

  test('flags what could not be dated', async () => {
    await open('acme', [], new Date('2020-01-01T00:00:00Z'))
    await ask('/~toy/list')
    expect([...gateway.log.flags]).toEqual(['registry-times-unsure'])
    expect(gateway.log.unsure).toEqual(['list'])
  })
})

describe('what was served', () => {
  test('is kept: the same again comes without the upstream, and survives its end', async () => {
    await open('acme')
    await ask('/~toy/ball')
    await ask('/~toy/list')
    upstream.files.clear()
    upstream.files.set('list', { body: 'ball 2.0' })
    expect(await ask('/~toy/ball')).toEqual({ status: 200, body: 'round' })
    expect(await ask('/~toy/list')).toEqual({ status: 200, body: 'ball 1.0' })
    expect(upstream.asked.map(({ line }) => line)).toEqual(['GET /ball.sha256', 'GET /ball', 'GET /list'])
  })

  test('is fetched once for all who ask at the same time', async () => {
    await open('acme')
    await Promise.all(Array.from({ length: 8 }, () => ask('/~toy/ball')))
    expect(upstream.asked.filter(({ line }) => line === 'GET /ball')).toHaveLength(1)
  })

  test('must be what the registry promised', async () => {
    await open('acme')
    upstream.files.set('ball', { body: 'square' })
    expect(await ask('/~toy/ball')).toMatchObject({ status: 503 })
    expect(gateway.log.faults.join()).toContain("is not what the registry's own digest says")
  })

  test("with an owner's own credential is that owner's alone, and with nobody's reaches no other", async () => {
    upstream.intercept = (request, response) => {
      if (request.headers.authorization === 'Bearer mine') return false
      response.writeHead(401).end()
      return true
    }
    const registry = upstream.address.replace(/^http:/, '')
    const credentials = [{ owner: 'acme', registry, authorization: 'Bearer mine' }]
    await open('acme', credentials)
    expect(await ask('/~toy/ball')).toEqual({ status: 200, body: 'round' })
    await gateway.close()
    await registries.close()
    await open('other', credentials)
    expect(await ask('/~toy/ball')).toMatchObject({ status: 404 })
    expect(await readdir(join(folder, 'store', 'toy'))).toEqual(['owners'])
  })

  test('goes when there is no room, and is fetched again', async () => {
    await open('acme')
    await ask('/~toy/ball')
    expect(await pruneStore(join(folder, 'store'), 0)).toBe('round'.length)
    expect(await ask('/~toy/ball')).toEqual({ status: 200, body: 'round' })
  })
})

test('an upstream that fails is a fault, and no absence', async () => {
  await open('acme')
  upstream.intercept = (_request, response) => {
    response.writeHead(500).end()
    return true
  }
  expect(await ask('/~toy/list')).toMatchObject({ status: 503 })
  expect(gateway.log.faults).toHaveLength(1)
  expect(gateway.log.missing).toEqual([])
})
