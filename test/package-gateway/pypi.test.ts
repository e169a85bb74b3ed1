import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ProtocolRegistries } from '../../src/package-gateway/protocols.ts'
import { readSettings } from '../../src/package-gateway/pypi/configuration.ts'
import { pypi } from '../../src/package-gateway/pypi/index.ts'
import { projectOfFile } from '../../src/package-gateway/pypi/project-names.ts'
import { findPython, withoutPython } from '../python.ts'
import { tell } from '../tell.ts'
import { type LocalFiles, startFiles } from './local-files.ts'
import { openProtocol } from './open-protocol.ts'
import type { RelayedGateway } from './relay.ts'

const python = await findPython('3.8')
const withPip = python === null ? describe.skip : describe
if (python === null) tell(withoutPython('3.8'))

const json = 'application/vnd.pypi.simple.v1+json'
let folder: string
let upstream: LocalFiles
let registries: ProtocolRegistries
let gateway: RelayedGateway
const closing: (() => Promise<void>)[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pypi-test-'))
  upstream = await startFiles()
})
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
  await upstream.close()
  await rm(folder, { recursive: true, force: true })
})

/** A wheel with one module, as pip takes it. */
async function wheel(name: string, version: string): Promise<Buffer> {
  const root = await mkdtemp(join(folder, 'wheel-'))
  const info = join(root, `${name}-${version}.dist-info`)
  await mkdir(info)
  await writeFile(join(root, `${name}.py`), `VERSION = '${version}'\n`)
  await writeFile(join(info, 'METADATA'), `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`)
  await writeFile(
    join(info, 'WHEEL'),
    'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
  )
  await writeFile(join(info, 'RECORD'), '')
  const packed = join(root, 'packed.zip')
  await execa(python ?? 'python3', ['-m', 'zipfile', '-c', packed, `${name}.py`, `${name}-${version}.dist-info`], {
    cwd: root,
  })
  return readFile(packed)
}

/** Version → when it was uploaded; null: the index does not say. */
async function publish(versions: Readonly<Record<string, string | null>>, type = json): Promise<void> {
  const files: { filename: string; url: string; hashes: { sha256: string }; 'upload-time'?: string }[] = []
  for (const [version, time] of Object.entries(versions)) {
    const filename = `demo_kit-${version}-py3-none-any.whl`
    const body = await wheel('demo_kit', version)
    upstream.files.set(`files/${filename}`, { body })
    const hashes = { sha256: createHash('sha256').update(body).digest('hex') }
    files.push({ filename, url: `../../files/${filename}`, hashes, ...(time === null ? {} : { 'upload-time': time }) })
  }
  const html = files
    .map(
      (file) =>
        `<a href="${file.url}#sha256=${file.hashes.sha256}" data-requires-python="&gt;=3.0">${file.filename}</a>`,
    )
    .join('<br/>')
  const body = type === json ? JSON.stringify({ meta: { 'api-version': '1.1' }, name: 'demo-kit', files }) : html
  upstream.files.set('simple/demo-kit/', { body, headers: { 'content-type': type } })
}

async function open(asOf: string | null): Promise<void> {
  const place = {
    folder,
    server: upstream.address,
    address: `${upstream.address}simple/`,
    asOf: asOf === null ? null : new Date(asOf),
  }
  const opened = await openProtocol(pypi, place)
  registries = opened.registries
  gateway = opened.gateway
  closing.push(() => registries.close())
  closing.push(() => gateway.close())
}

const get = (path: string, accept = json) => fetch(`${gateway.address}/~pypi/${path}`, { headers: { accept } })

/** Installs as an install does; gives what pip said and the version that came. */
async function pip(requirement: string): Promise<{ code: number | undefined; said: string; version: string }> {
  const target = await mkdtemp(join(folder, 'target-'))
  const given = ['-m', 'pip', 'install', '--no-deps', '--no-cache-dir', '--no-compile', '--target', target, requirement]
  const env = {
    PIP_INDEX_URL: `${gateway.address}/~pypi/simple`,
    PIP_CONFIG_FILE: '/dev/null',
    PIP_RETRIES: '0',
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
    PATH: process.env.PATH,
  }
  const { exitCode, all } = await execa(python ?? 'python3', given, { env, extendEnv: false, reject: false, all: true })
  return {
    code: exitCode,
    said: all ?? '',
    version: await readFile(join(target, 'demo_kit.py'), 'utf8').catch(() => ''),
  }
}

describe('PyPI at the gateway', () => {
  test('hides what was uploaded later, in JSON and in HTML', async () => {
    await publish({ '1.0': '2020-01-01T00:00:00Z', '2.0': '2022-01-01T00:00:00.123456Z' })
    await open('2021-01-01')
    const page = await (await get('simple/Demo.Kit/')).text()
    expect(page).toContain('demo_kit-1.0')
    expect(page).not.toContain('demo_kit-2.0')
    const old = await (await get('simple/demo-kit/', 'text/html')).text()
    expect(old).toMatch(
      /<a href="http:\/\/127\.0\.0\.1:\d+\/~pypi\/files\/demo-kit\/demo_kit-1\.0-py3-none-any\.whl#sha256=/,
    )
    expect(old).not.toContain('demo_kit-2.0')
    expect([...gateway.log.flags]).toEqual([])
  })

  test('says that it is unsure where the index tells no times', async () => {
    await publish({ '1.0': null }, 'text/html')
    await open('2021-01-01')
    expect(await (await get('simple/demo-kit/')).json()).toMatchObject({ files: [{ 'requires-python': '>=3.0' }] })
    expect([...gateway.log.flags]).toEqual(['registry-times-unsure'])
  })

  test('shows a project all of whose files were uploaded again later, and says that it is unsure', async () => {
    await publish({ '1.0': '2022-07-08T00:00:00Z' })
    await open('2019-07-01')
    expect(await (await get('simple/demo-kit/')).text()).toContain('demo_kit-1.0')
    expect([...gateway.log.flags]).toEqual(['registry-times-unsure'])
  })

  test('serves only files that the index names, and only as the index says that they are', async () => {
    await publish({ '1.0': '2020-01-01T00:00:00Z' })
    await open(null)
    expect((await get('files/demo-kit/demo_kit-1.0-py3-none-any.whl')).status).toBe(200)
    expect((await get('files/demo-kit/demo_kit-9.0-py3-none-any.whl')).status).toBe(404)
    expect((await get('files/demo-kit/demo_kit-1.0-py3-none-any.whl.metadata')).status).toBe(404)
    expect((await get('files/demo-kit/a/b')).status).toBe(403)
    expect((await get('simple/nothing-here/')).status).toBe(404)
    await rm(join(folder, 'store'), { recursive: true })
    upstream.files.set('files/demo_kit-1.0-py3-none-any.whl', { body: 'something else' })
    expect((await get('files/demo-kit/demo_kit-1.0-py3-none-any.whl')).status).toBe(503)
    expect(gateway.log.faults.join()).toContain("not what the registry's own digest says")
  })

  test('reads what pip lists of its configuration, variables above files', () => {
    const settings = readSettings(
      `:env:.index-url='http://one/simple'\nglobal.index-url='http://two/simple'\nglobal.cert='/a b.pem'\n`,
    )
    expect(Object.fromEntries(settings)).toEqual({ 'index-url': 'http://one/simple', cert: '/a b.pem' })
  })

  test.each([
    ['Demo_Kit-1.0-py3-none-any.whl', 'demo-kit'],
    ['zope.interface-5.4.0-cp39-cp39-manylinux2014_x86_64.whl', 'zope-interface'],
    ['python-dateutil-2.8.2.tar.gz', 'python-dateutil'],
    ['v1.0.tar.gz', null],
    ['master.zip', null],
  ])('takes %s for a file of %s', (file, project) => {
    expect(projectOfFile(file)).toBe(project)
  })
})

withPip('pip through the gateway', () => {
  test('resolves as of the date, and the same while the index is down', async () => {
    await publish({ '1.0': '2020-01-01T00:00:00Z', '2.0': '2022-01-01T00:00:00Z' })
    await open('2021-01-01')
    const first = await pip('demo-kit')
    expect(first.version, first.said).toContain('1.0')
    upstream.intercept = (_request, response) => response.writeHead(500).end() !== undefined
    const second = await pip('demo-kit')
    expect(second.version, second.said).toContain('1.0')
    const later = await pip('demo-kit>=2')
    expect(later.code).not.toBe(0)
    expect(later.said).toContain('No matching distribution found for demo-kit>=2')
  }, 60_000)
})
