import { execFile, execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { installCommands } from '../../src/ecosystems/go/installs.ts'
import { goProxy } from '../../src/package-gateway/go/index.ts'
import { openRegistry } from '../../src/package-gateway/index.ts'
import { openProtocols, type ProtocolRegistries } from '../../src/package-gateway/protocols.ts'
import { type LocalFiles, startFiles } from './local-files.ts'
import { moduleZip } from './module-zip.ts'
import { openRelayed, type RelayedGateway } from './relay.ts'

const execute = promisify(execFile)

let folder: string
let upstream: LocalFiles
let registries: ProtocolRegistries
let gateway: RelayedGateway

/** A module with a capital in its name, which is escaped in addresses. */
const module = 'example.com/acme/Left'
const address = 'example.com/acme/!left'

function publish(version: string, time: string): void {
  const text = `module ${module}\n`
  const zip = moduleZip(`${module}@${version}`, {
    'go.mod': text,
    'left.go': `package left\n\nconst Version = "${version}"\n`,
  })
  upstream.files.set(`${address}/@v/${version}.info`, { body: JSON.stringify({ Version: version, Time: time }) })
  upstream.files.set(`${address}/@v/${version}.mod`, { body: text })
  upstream.files.set(`${address}/@v/${version}.zip`, { body: zip })
  const listed = upstream.files.get(`${address}/@v/list`)?.body.toString() ?? ''
  upstream.files.set(`${address}/@v/list`, { body: `${listed}${version}\n` })
}

async function open(asOf: string | null): Promise<void> {
  const known = {
    ...goProxy,
    readUpstream: async () => ({ registries: [upstream.address], certificates: null, proxy: null }),
  }
  const store = join(folder, 'store')
  registries = openProtocols({ store, credentials: [], environment: {}, backoff: [] }, [known])
  const npm = { registry: upstream.address, scopes: new Map(), certificates: null, proxy: null }
  gateway = await openRelayed({
    registry: openRegistry({ upstream: npm, credentials: [], owner: 'acme', store, backoff: [] }),
    packages: (protocol) => registries.of('acme', protocol),
    asOf: asOf === null ? null : new Date(asOf),
    socketFolder: folder,
  })
}

async function shut(): Promise<void> {
  await gateway.close()
  await registries.close()
}

const ask = async (path: string) => {
  const response = await gateway.raw(`GET /~go/${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
  const [head = '', ...body] = response.split('\r\n\r\n')
  return { status: Number(head.split(' ')[1]), body: body.join('\r\n\r\n') }
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gw-go-'))
  upstream = await startFiles()
  publish('v1.0.0', '2020-01-01T00:00:00Z')
  publish('v1.1.0', '2021-01-01T00:00:00Z')
  publish('v1.2.0-rc.1', '2021-06-01T00:00:00Z')
  publish('v1.2.0', '2022-01-01T00:00:00Z')
  upstream.files.set(`${address}/@latest`, {
    body: JSON.stringify({ Version: 'v1.2.0', Time: '2022-01-01T00:00:00Z' }),
  })
})
afterEach(async () => {
  await shut()
  await upstream.close()
  await rm(folder, { recursive: true, force: true })
})

describe('the module proxy at the gateway', () => {
  test('shows what was out on a day', async () => {
    await open('2021-07-01T00:00:00Z')
    expect(await ask(`${address}/@v/list`)).toEqual({ status: 200, body: 'v1.0.0\nv1.1.0\nv1.2.0-rc.1\n' })
    expect(JSON.parse((await ask(`${address}/@latest`)).body)).toMatchObject({ Version: 'v1.1.0' })
    expect((await ask(`${address}/@v/v1.1.0.mod`)).status).toBe(200)
    for (const kind of ['info', 'mod', 'zip']) expect((await ask(`${address}/@v/v1.2.0.${kind}`)).status).toBe(404)
    expect([...gateway.log.flags]).toEqual([])
    expect(gateway.log.missing).toContain(`${module}@v1.2.0`)
  })

  test('a module that is younger altogether is shown by its oldest, and said to be unsure', async () => {
    await open('2019-01-01T00:00:00Z')
    expect((await ask(`${address}/@v/v1.2.0.info`)).status).toBe(404)
    expect(await ask(`${address}/@v/list`)).toEqual({ status: 200, body: 'v1.0.0\n' })
    expect((await ask(`${address}/@v/v1.0.0.zip`)).status).toBe(200)
    expect([...gateway.log.flags]).toEqual(['registry-times-unsure'])
    // What it requires is of its own day.
    expect((await ask(`${address}/@v/v1.2.0.info`)).status).toBe(200)
  })

  const commits = ['v0.0.0-20160601000000-0123456789ab', 'v0.0.0-20180601000000-0123456789ab'] as const

  test.each([
    ['2016-07-01', commits[0]],
    ['2018-05-01', commits[1]],
  ])('of a module without releases the commit that is nearest to %s is shown', async (day, shown) => {
    upstream.files.delete(`${address}/@v/list`)
    for (const commit of commits) publish(commit, `${commit.slice(7, 11)}-06-01T00:00:00Z`)
    await open(`${day}T00:00:00Z`)
    expect((await ask(`${address}/@v/list`)).body).toBe(`${shown}\n`)
    expect(JSON.parse((await ask(`${address}/@latest`)).body)).toMatchObject({ Version: shown })
    expect((await ask(`${address}/@v/${shown}.zip`)).status).toBe(200)
    expect([...gateway.log.flags]).toEqual(['registry-times-unsure'])
  })

  test.each([
    ['2020-07-01', 'v1.0.0'],
    ['2018-07-01', 'v1.0.0'],
    ['2017-07-01', commits[1]],
  ])('of a module whose proxy lists commits beside its releases, on %s is shown %s', async (day, shown) => {
    publish(commits[1], '2018-06-01T00:00:00Z')
    await open(`${day}T00:00:00Z`)
    expect((await ask(`${address}/@v/list`)).body).toBe(`${shown}\n`)
    expect((await ask(`${address}/@v/${shown}.zip`)).status).toBe(200)
  })

  test('keeps what it served', async () => {
    await open(null)
    await ask(`${address}/@v/v1.0.0.zip`)
    await ask(`${address}/@v/v1.0.0.info`)
    upstream.files.clear()
    expect((await ask(`${address}/@v/v1.0.0.zip`)).status).toBe(200)
    expect(JSON.parse((await ask(`${address}/@v/v1.0.0.info`)).body)).toMatchObject({ Version: 'v1.0.0' })
    expect((await ask(`${address}/@v/v1.1.0.zip`)).status).toBe(404)
  })

  test.each([
    'list',
    'x/@v/list/more',
    'x/@v/v1.0.0.tar',
    'X/@v/list',
    'sumdb/sum.example/supported',
    '@v/list',
    'x/@vv/list',
    'x/@v/.info',
  ])('refuses %s', async (path) => {
    await open(null)
    expect((await ask(path)).status).toBe(403)
    expect(upstream.asked).toEqual([])
  })
})

const isThere = (() => {
  try {
    return execFileSync('go', ['version']).length > 0
  } catch {
    return false
  }
})()
if (!isThere) process.stderr.write('skipped: the go command at the gateway, since this machine has no Go\n')

describe.skipIf(!isThere)('the go command itself', () => {
  const go = (home: string, ...given: string[]) => run(home, 'go', ...given)
  const run = (home: string, program: string, ...given: string[]) => {
    const variables = {
      ...process.env,
      ...{
        GOPROXY: `${gateway.address}/~go`,
        GOSUMDB: 'off',
        GONOSUMDB: '*',
        GOTOOLCHAIN: 'local',
        GOFLAGS: '-modcacherw -mod=mod',
      },
      ...{ GOPATH: join(folder, home), GOMODCACHE: join(folder, home, 'mod') },
    }
    return execute(program, given, { cwd: folder, env: variables, timeout: 60_000 })
  }

  beforeEach(async () => {
    await writeFile(join(folder, 'go.mod'), 'module example.com/shop\n\ngo 1.16\n')
    await writeFile(join(folder, 'shop.go'), `package shop\n\nimport _ "${module}"\n`)
  })

  test('resolves as of a day, and installs the same again with the upstream gone', async () => {
    await open('2021-07-01T00:00:00Z')
    await go('one', 'mod', 'tidy')
    expect(await readFile(join(folder, 'go.mod'), 'utf8')).toContain(`${module} v1.1.0`)
    await shut()
    await upstream.close()
    await open('2021-07-01T00:00:00Z')
    const { stdout } = await go('two', 'list', '-deps', '-f', '{{.ImportPath}}', '.')
    expect(stdout).toContain(module)
    expect(gateway.log).toMatchObject({ faults: [], missing: [] })
  })

  test('is asked for the commits of a lockfile from before modules, and goes on without those that no proxy knows', async () => {
    await open('2021-07-01T00:00:00Z')
    await rm(join(folder, 'go.mod'))
    const [known, unknown] = ['cbeaeb16a013161a98496fad62933b1d21786672', '04cdfd42973bb9c8589fd6a731800cf222fde1a9']
    upstream.files.set(`${address}/@v/${known}.info`, {
      body: JSON.stringify({ Version: 'v1.0.0', Time: '2020-01-01T00:00:00Z' }),
    })
    const locked = [
      { path: 'example.com/acme/gone', revision: unknown },
      { path: module, revision: known },
    ]
    const [making] = installCommands({
      ...{ directories: ['.'], flags: [], gateway: gateway.address, lenient: false },
      makes: { path: 'example.com/shop', line: '1.16', locked },
    })
    const [program = '', ...given] = making?.argv ?? []
    const { stderr } = await run('one', program, ...given)
    expect(stderr).toBe(`not to be had: example.com/acme/gone@${unknown}\n`)
    await go('one', 'list', '-deps', '.')
    const written = await readFile(join(folder, 'go.mod'), 'utf8')
    expect(written).toMatch(/^module example\.com\/shop\n\ngo 1\.16\n/)
    expect(written).toContain(`require ${module} v1.0.0\n`)
    expect(written).not.toContain('gone')
  })

  test('says which module a registry does not have', async () => {
    await open(null)
    await writeFile(join(folder, 'shop.go'), 'package shop\n\nimport _ "example.com/acme/none"\n')
    await expect(go('one', 'mod', 'tidy')).rejects.toThrow(/example\.com\/acme\/none/)
    expect(gateway.log.missing.length).toBeGreaterThan(0)
  })
})
