import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type InstallCredential, type NpmUpstream, openRegistry, pruneStore } from '../../src/package-gateway/index.ts'
import { type LocalRegistry, startRegistry } from './local-registry.ts'
import { openRelayed, type RelayedGateway } from './relay.ts'

const abbreviated = 'application/vnd.npm.install-v1+json'
const time = {
  created: '2020-01-01T00:00:00Z',
  modified: '2023-01-01T00:00:00Z',
  '1.0.0': '2020-01-01T00:00:00Z',
  '1.1.0': '2021-01-01T00:00:00Z',
  '2.0.0': '2023-01-01T00:00:00Z',
}
const plain = {
  '1.0.0': {},
  '1.1.0': { dependencies: { other: '^1.0.0' } },
  '2.0.0': { scripts: { postinstall: 'node build.js' } },
}

let upstream: LocalRegistry
let folder: string
const open: RelayedGateway[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gw-test-'))
  upstream = await startRegistry([
    { name: 'plain', versions: plain, time },
    {
      name: '@scope/deep',
      versions: { '1.0.0': {} },
      time: { created: time.created, modified: time.modified, '1.0.0': time.created },
    },
  ])
})

afterAll(async () => {
  for (const gateway of open) await gateway.close()
  await upstream.close()
  await rm(folder, { recursive: true, force: true })
})

interface Setting {
  readonly asOf?: Date
  readonly store?: string
  readonly owner?: string
  readonly credentials?: readonly InstallCredential[]
  readonly registry?: string
  readonly freshSeconds?: number
}

async function gatewayWith(setting: Setting = {}): Promise<RelayedGateway> {
  const up: NpmUpstream = {
    registry: setting.registry ?? upstream.address,
    scopes: new Map(),
    certificates: null,
    proxy: null,
  }
  const registry = openRegistry({
    upstream: up,
    credentials: setting.credentials ?? [],
    owner: setting.owner ?? 'acme',
    store: setting.store ?? join(folder, 'store'),
    backoff: [1, 1],
    freshSeconds: setting.freshSeconds ?? 3600,
  })
  const gateway = await openRelayed({
    registry,
    asOf: setting.asOf ?? null,
    socketFolder: folder,
  })
  open.push(gateway)
  return gateway
}

async function packumentOf(gateway: RelayedGateway, path: string, accept = abbreviated) {
  const response = await fetch(`${gateway.address}/${path}`, { headers: { accept } })
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    body: JSON.parse(await response.text()),
  }
}

describe('packuments', () => {
  test('are handed out with the gateway as the place of every tarball', async () => {
    const gateway = await gatewayWith()
    const { body, type } = await packumentOf(gateway, 'plain')
    expect(type).toBe(abbreviated)
    expect(body.versions['1.1.0'].dist.tarball).toBe(`${gateway.address}/plain/-/plain-1.1.0.tgz`)
    expect(body.versions['1.1.0'].dependencies).toEqual({ other: '^1.0.0' })
    expect(body.versions['2.0.0'].hasInstallScript).toBe(true)
    expect(body.time).toBeUndefined()
  })

  test('hold times only when the whole document is asked for', async () => {
    const { body } = await packumentOf(await gatewayWith(), 'plain', 'application/json')
    expect(body.time['1.1.0']).toBe('2021-01-01T00:00:00.000Z')
  })

  test.each(['@scope/deep', '@scope%2fdeep', '@scope%2Fdeep', '%40scope%2fdeep'])(
    'are found for a scoped name written %s',
    async (path) => {
      const { status, body } = await packumentOf(await gatewayWith(), path)
      expect([status, body.name]).toEqual([200, '@scope/deep'])
    },
  )

  test('show nothing published after the date asked for, and a latest that was there', async () => {
    const gateway = await gatewayWith({ asOf: new Date('2021-06-01') })
    const { body } = await packumentOf(gateway, 'plain')
    expect(Object.keys(body.versions)).toEqual(['1.0.0', '1.1.0'])
    expect(body['dist-tags']).toEqual({ latest: '1.1.0' })
    expect([...gateway.log.flags]).toEqual([])
  })

  test('show the oldest version, flagged, where all came later', async () => {
    const gateway = await gatewayWith({ asOf: new Date('2010-01-01') })
    const { body } = await packumentOf(gateway, 'plain')
    expect(Object.keys(body.versions)).toEqual(['1.0.0'])
    expect([...gateway.log.flags]).toEqual(['registry-times-unsure'])
    expect(gateway.log.unsure).toEqual(['plain'])
  })

  test('depend on the day, and tarballs do not', async () => {
    const gateway = await gatewayWith({ asOf: new Date('2021-06-01') })
    await (await fetch(`${gateway.address}/plain/-/plain-1.1.0.tgz`)).arrayBuffer()
    expect(gateway.log).toMatchObject({ tarballs: 1, dated: false })
    await packumentOf(gateway, 'plain')
    expect(gateway.log.dated).toBe(true)
  })

  test('answer for one version and for tags', async () => {
    const gateway = await gatewayWith({ asOf: new Date('2021-06-01') })
    expect((await packumentOf(gateway, 'plain/latest')).body.version).toBe('1.1.0')
    expect((await packumentOf(gateway, 'plain/1.0.0')).body.version).toBe('1.0.0')
    expect((await packumentOf(gateway, 'plain/2.0.0')).status).toBe(404)
    expect((await packumentOf(gateway, '-/package/plain/dist-tags')).body).toEqual({ latest: '1.1.0' })
  })

  test('that the registry does not have are noted by name', async () => {
    const gateway = await gatewayWith()
    expect((await packumentOf(gateway, 'nobody')).status).toBe(404)
    expect(gateway.log.missing).toEqual(['nobody'])
    expect(gateway.log.faults).toEqual([])
  })
})

describe('what was served', () => {
  test('is served again when the registry is gone', async () => {
    const short = await startRegistry([{ name: 'plain', versions: plain, time }])
    const store = join(folder, 'store-gone')
    const first = await gatewayWith({ registry: short.address, store, asOf: new Date('2021-06-01') })
    const before = await (await fetch(`${first.address}/plain`)).text()
    const tarball = Buffer.from(await (await fetch(`${first.address}/plain/-/plain-1.1.0.tgz`)).arrayBuffer())
    await short.close()
    const second = await gatewayWith({ registry: short.address, store, asOf: new Date('2021-06-01'), freshSeconds: 0 })
    expect((await (await fetch(`${second.address}/plain`)).text()).replaceAll(second.address, first.address)).toBe(
      before,
    )
    expect(Buffer.from(await (await fetch(`${second.address}/plain/-/plain-1.1.0.tgz`)).arrayBuffer())).toEqual(tarball)
    expect(second.log.faults).toEqual([])
  })

  test('is asked of the registry once, however many ask at once', async () => {
    const gateway = await gatewayWith({ store: join(folder, 'store-once') })
    const start = upstream.asked.length
    await Promise.all(
      Array.from({ length: 20 }, () =>
        fetch(`${gateway.address}/plain/-/plain-1.0.0.tgz`).then((each) => each.arrayBuffer()),
      ),
    )
    expect(upstream.asked.slice(start).filter((each) => each.line.endsWith('.tgz'))).toHaveLength(1)
  })

  test('goes, longest unused first, when the store is cut to a size; and is fetched anew', async () => {
    const store = join(folder, 'store-prune')
    const gateway = await gatewayWith({ store })
    const fetchOne = async () => (await fetch(`${gateway.address}/plain/-/plain-1.0.0.tgz`)).arrayBuffer()
    const bytes = (await fetchOne()).byteLength
    expect(await pruneStore(store, 0)).toBe(bytes)
    expect((await fetchOne()).byteLength).toBe(bytes)
  })

  test('is what the registry promised: other bytes are a fault, never kept', async () => {
    const liar = await startRegistry([{ name: 'plain', versions: plain, time }])
    liar.intercept = (request, response) => {
      const isTarball = request.url?.endsWith('.tgz') === true
      if (isTarball) response.end('other bytes')
      return isTarball
    }
    const gateway = await gatewayWith({ registry: liar.address, store: join(folder, 'store-liar') })
    expect((await fetch(`${gateway.address}/plain/-/plain-1.0.0.tgz`)).status).toBe(503)
    expect(gateway.log.faults).toHaveLength(1)
    liar.intercept = null
    expect((await fetch(`${gateway.address}/plain/-/plain-1.0.0.tgz`)).status).toBe(200)
    await liar.close()
  })
})

describe('a registry that stumbles', () => {
  test('is asked again', async () => {
    const shaky = await startRegistry([{ name: 'plain', versions: plain, time }])
    let failures = 2
    shaky.intercept = (_request, response) => {
      failures -= 1
      if (failures >= 0) response.writeHead(502).end()
      return failures >= 0
    }
    const gateway = await gatewayWith({ registry: shaky.address, store: join(folder, 'store-shaky') })
    expect((await packumentOf(gateway, 'plain')).status).toBe(200)
    await shaky.close()
  })

  test('or is down is a fault, and no missing package', async () => {
    const gone = await startRegistry([])
    await gone.close()
    const gateway = await gatewayWith({ registry: gone.address, store: join(folder, 'store-down') })
    expect((await packumentOf(gateway, 'plain')).status).toBe(503)
    expect(gateway.log.missing).toEqual([])
    expect(gateway.log.faults).toHaveLength(1)
  })
})

describe('credentials', () => {
  const credentials = (): InstallCredential[] => [
    { owner: 'acme', registry: upstream.address.replace(/^http:/, ''), authorization: 'Bearer acme-secret' },
  ]

  test("go to the registry with their owner's requests alone", async () => {
    const start = upstream.asked.length
    await packumentOf(await gatewayWith({ credentials: credentials(), store: join(folder, 'store-own') }), 'plain')
    await packumentOf(
      await gatewayWith({ credentials: credentials(), owner: 'other', store: join(folder, 'store-own') }),
      'plain',
    )
    expect(upstream.asked.slice(start).map((each) => each.authorization)).toEqual(['Bearer acme-secret', null])
  })

  test('never come from the sandbox', async () => {
    const start = upstream.asked.length
    const gateway = await gatewayWith({ store: join(folder, 'store-theirs') })
    await fetch(`${gateway.address}/plain`, { headers: { authorization: 'Bearer stolen', cookie: 'a=b' } })
    expect(upstream.asked.slice(start).map((each) => each.authorization)).toEqual([null])
  })
})

test('a lockfile’s tarball is checked against its version’s own digest', async () => {
  const gateway = await gatewayWith({ store: join(folder, 'store-lock') })
  const bytes = Buffer.from(await (await fetch(`${gateway.address}/@scope/deep/-/deep-1.0.0.tgz`)).arrayBuffer())
  const { body } = await packumentOf(gateway, '@scope%2fdeep')
  expect(body.versions['1.0.0'].dist.integrity).toBe(`sha512-${createHash('sha512').update(bytes).digest('base64')}`)
})

test('a damaged store is as good as none', async () => {
  const store = join(folder, 'store-damaged')
  await packumentOf(await gatewayWith({ store }), 'plain')
  const path = join(store, 'public', 'packuments', 'plain.json.zst')
  await writeFile(path, (await readFile(path)).subarray(0, 20))
  expect((await packumentOf(await gatewayWith({ store }), 'plain')).status).toBe(200)
})
