import { execFile, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { crates } from '../../src/package-gateway/crates/index.ts'
import { readIndex, viewAsOf } from '../../src/package-gateway/crates/index-lines.ts'
import type { ProtocolRegistries } from '../../src/package-gateway/protocols.ts'
import { tell } from '../tell.ts'
import { type LocalFiles, startFiles } from './local-files.ts'
import { openProtocol } from './open-protocol.ts'
import type { RelayedGateway } from './relay.ts'

const hasCargo = spawnSync('cargo', ['--version'], { stdio: 'ignore' }).status === 0
const withCargo = hasCargo ? describe : describe.skip
if (!hasCargo) tell('cargo is not on this machine: its tests with the gateway are skipped')

let folder: string
let upstream: LocalFiles
let registries: ProtocolRegistries
let gateway: RelayedGateway
let closing: (() => Promise<void>)[] = []

/** A crate as cargo packs it. */
async function crateFile(name: string, version: string): Promise<Buffer> {
  const root = `${name}-${version}`
  await mkdir(join(folder, root, 'src'), { recursive: true })
  await writeFile(
    join(folder, root, 'Cargo.toml'),
    `[package]\nname = "${name}"\nversion = "${version}"\nedition = "2018"\n`,
  )
  await writeFile(join(folder, root, 'src', 'lib.rs'), 'pub fn one() -> u32 { 1 }\n')
  const packed = join(folder, `${root}.crate`)
  spawnSync('tar', ['-czf', packed, root], { cwd: folder })
  return readFile(packed)
}

async function publish(name: string, versions: Readonly<Record<string, string | null>>): Promise<void> {
  const lines: string[] = []
  for (const [version, pubtime] of Object.entries(versions)) {
    const file = await crateFile(name, version)
    const cksum = createHash('sha256').update(file).digest('hex')
    const time = pubtime === null ? {} : { pubtime }
    lines.push(JSON.stringify({ name, vers: version, deps: [], cksum, features: {}, yanked: false, ...time }))
    upstream.files.set(`files/${name}/${version}/download`, { body: file })
  }
  upstream.files.set(`index/${name.slice(0, 2)}/${name.slice(2, 4)}/${name}`, { body: `${lines.join('\n')}\n` })
}

async function open(asOf: Date | null): Promise<void> {
  const place = { folder, server: upstream.address, address: `${upstream.address}index/`, asOf }
  const opened = await openProtocol(crates, place)
  registries = opened.registries
  gateway = opened.gateway
  closing.push(() => registries.close())
  closing.push(() => gateway.close())
}

/** Resolves and fetches the dependencies of a package as an install does; cargo's folder is a new one each time. */
async function fetchWith(
  requirement: string,
  name = 'somecrate',
): Promise<{ code: number; said: string; lock: string }> {
  const project = await mkdtemp(join(folder, 'project-'))
  await mkdir(join(project, 'home'))
  await writeFile(join(project, 'lib.rs'), '')
  await writeFile(
    join(project, 'Cargo.toml'),
    `[package]\nname = "demo"\nversion = "0.1.0"\nedition = "2018"\n[lib]\npath = "lib.rs"\n[workspace]\n[dependencies]\n${name} = "${requirement}"\n`,
  )
  await writeFile(
    join(project, 'home', 'config.toml'),
    `[source.crates-io]\nreplace-with = "quarry"\n[source.quarry]\nregistry = "sparse+${gateway.address}/~crates/"\n`,
  )
  const env = { ...process.env, CARGO_HOME: join(project, 'home'), CARGO_NET_RETRY: '0' }
  const { code, said } = await new Promise<{ code: number; said: string }>((done) => {
    execFile('cargo', ['fetch'], { cwd: project, env, timeout: 60_000 }, (error, _, stderr) =>
      done({ code: error === null ? 0 : 1, said: stderr }),
    )
  })
  return { code, said, lock: await readFile(join(project, 'Cargo.lock'), 'utf8').catch(() => '') }
}

const lockedVersion = (lock: string) => /name = "somecrate"\nversion = "([^"]+)"/.exec(lock)?.[1]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gw-crates-'))
  upstream = await startFiles()
  closing = [() => upstream.close()]
  upstream.files.set('index/config.json', { body: JSON.stringify({ dl: `${upstream.address}files` }) })
  await publish('somecrate', {
    '1.0.0': '2020-01-01T00:00:00Z',
    '1.1.0': '2021-01-01T00:00:00Z',
    '2.0.0': '2022-01-01T00:00:00Z',
  })
})
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
  await rm(folder, { recursive: true, force: true })
})

withCargo('cargo', () => {
  test('gets what was out on the day, checked, and the same again when the registry is down', async () => {
    await open(new Date('2021-06-01T00:00:00Z'))
    const first = await fetchWith('1')
    expect(first).toMatchObject({ code: 0 })
    expect(lockedVersion(first.lock)).toBe('1.1.0')
    expect([...gateway.log.flags]).toEqual([])
    upstream.files.clear()
    expect(lockedVersion((await fetchWith('1')).lock)).toBe('1.1.0')
  })

  test('gets a crate whose page lies where downloads begin', async () => {
    await publish('dlib', { '0.3.1': '2020-01-01T00:00:00Z' })
    await open(null)
    expect(await fetchWith('0.3', 'dlib')).toMatchObject({ code: 0, lock: expect.stringContaining('dlib') })
  })

  test('is told that there is no such version, by name', async () => {
    await open(new Date('2021-06-01T00:00:00Z'))
    const { code, said } = await fetchWith('2')
    expect(code).toBe(1)
    expect(said).toContain('somecrate')
  })

  test('never sees a file that is not what the index says', async () => {
    await open(null)
    upstream.files.set('files/somecrate/1.1.0/download', { body: await crateFile('somecrate', '9.9.9') })
    expect(await fetchWith('=1.1.0')).toMatchObject({ code: 1 })
    expect(gateway.log.faults.join()).toContain("is not what the registry's own digest says")
  })
})

const ask = async (path: string) => {
  const response = await gateway.raw(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
  return Number(response.split(' ')[1])
}

test.each([
  ['a page at another place than its own', '/~crates/so/me/other', 403],
  ['traversal', '/~crates/so/../me/somecrate', 403],
  ['what is no crate file', '/~crates/dl/somecrate/1.0.0/owners', 403],
  ['a crate that there is not', '/~crates/ot/he/othercrate', 404],
  ['a version that there is not', '/~crates/dl/somecrate/3.0.0/download', 404],
])('refuses %s', async (_, path, status) => {
  await open(null)
  expect(await ask(path)).toBe(status)
})

describe('as of a day', () => {
  const line = (vers: string, pubtime: string | null) =>
    JSON.stringify({ vers, cksum: 'a'.repeat(64), ...(pubtime === null ? {} : { pubtime }) })
  const view = (lines: readonly string[], day: string) => {
    const { body, unsure } = viewAsOf(readIndex(Buffer.from(lines.join('\n'))), new Date(day))
    return { versions: readIndex(body).map(({ version }) => version), unsure }
  }

  test('a version without a time lies between its neighbours', () => {
    const lines = [line('1.0.0', '2020-01-01T00:00:00Z'), line('1.1.0', null), line('1.2.0', '2022-01-01T00:00:00Z')]
    expect(view(lines, '2019-06-01')).toEqual({ versions: ['1.0.0'], unsure: true })
    expect(view(lines, '2021-01-01')).toEqual({ versions: ['1.0.0', '1.1.0'], unsure: true })
    expect(view(lines, '2023-01-01')).toEqual({ versions: ['1.0.0', '1.1.0', '1.2.0'], unsure: false })
  })

  test('what was yanked later was not yanked then, where nothing else of its line was out', () => {
    const yanked = (vers: string, pubtime: string) =>
      JSON.stringify({ vers, cksum: 'a'.repeat(64), yanked: true, pubtime })
    const lines = [
      yanked('0.9.0', '2020-01-01T00:00:00Z'),
      yanked('0.10.0-rc.1', '2020-02-01T00:00:00Z'),
      yanked('0.10.0', '2020-03-01T00:00:00Z'),
      yanked('0.10.1', '2020-04-01T00:00:00Z'),
      line('0.10.2', '2022-01-01T00:00:00Z'),
    ]
    const { body, unsure } = viewAsOf(readIndex(Buffer.from(lines.join('\n'))), new Date('2021-01-01'))
    const good = readIndex(body).filter(({ isYanked }) => !isYanked)
    expect(good.map(({ version }) => version)).toEqual(['0.9.0', '0.10.1'])
    expect(unsure).toBe(true)
    const now = viewAsOf(readIndex(Buffer.from(lines.join('\n'))), null)
    expect(
      readIndex(now.body)
        .filter(({ isYanked }) => !isYanked)
        .map(({ version }) => version),
    ).toEqual(['0.9.0', '0.10.2'])
    expect(now.unsure).toBe(true)
  })

  test('an index without times shows all, and says so; broken lines are passed over', () => {
    const lines = [line('1.0.0', null), '{', '', line('1.1.0', null), '{"vers":"x"}']
    expect(view(lines, '2021-01-01')).toEqual({ versions: ['1.0.0', '1.1.0'], unsure: true })
    expect(view([], '2021-01-01')).toEqual({ versions: [], unsure: false })
  })
})

withCargo("the machine's own registry", () => {
  test('is asked of cargo: its source replacement counts, and so do proxy and certificates', async () => {
    const home = join(folder, 'operator')
    await mkdir(home)
    await writeFile(
      join(home, 'config.toml'),
      '[source.crates-io]\nreplace-with = "own"\n[source.own]\nregistry = "sparse+https://crates.example/own/index/"\n',
    )
    await writeFile(join(home, 'ca.pem'), 'a certificate')
    const asked = await mkdtemp(join(folder, 'asked-'))
    const environment = {
      ...process.env,
      CARGO_HOME: home,
      CARGO_HTTP_PROXY: 'http://127.0.0.1:9',
      CARGO_HTTP_CAINFO: join(home, 'ca.pem'),
    }
    expect(await crates.readUpstream(asked, environment)).toEqual({
      registries: ['https://crates.example/own/index/'],
      certificates: 'a certificate',
      proxy: 'http://127.0.0.1:9',
    })
  })

  test('is none where there is no cargo', async () => {
    expect(await crates.readUpstream(folder, { PATH: folder })).toBeNull()
  })
})
