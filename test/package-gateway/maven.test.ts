import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { maven } from '../../src/package-gateway/maven/index.ts'
import { withVersions } from '../../src/package-gateway/maven/metadata.ts'
import { readSettings } from '../../src/package-gateway/maven/settings.ts'
import { compareVersions } from '../../src/package-gateway/maven/version-order.ts'
import { zipEntries } from '../../src/package-gateway/maven/zip.ts'
import type { ProtocolRegistries } from '../../src/package-gateway/protocols.ts'
import { type LocalFiles, startFiles } from './local-files.ts'
import { openProtocol } from './open-protocol.ts'
import type { RelayedGateway } from './relay.ts'

const hasMaven = await execa('mvn', ['--version'], { reject: false }).then(({ exitCode }) => exitCode === 0)

let folder: string
let upstream: LocalFiles
let registries: ProtocolRegistries
let gateway: RelayedGateway

const parent = (version: string) =>
  `<project><modelVersion>4.0.0</modelVersion><groupId>org.demo</groupId><artifactId>base</artifactId><version>${version}</version><packaging>pom</packaging></project>`

/** A repository with three versions of one model, of three years. */
function publish(): void {
  const put = (path: string, body: string, modified: string | null) => {
    upstream.files.set(path, { body, ...(modified === null ? {} : { headers: { 'last-modified': modified } }) })
    upstream.files.set(`${path}.sha1`, { body: createHash('sha1').update(body).digest('hex') })
  }
  const years: [string, string][] = [
    ['1.0', 'Mon, 06 Jan 2020 00:00:00 GMT'],
    ['1.1', 'Wed, 06 Jan 2021 00:00:00 GMT'],
    ['1.2', 'Thu, 06 Jan 2022 00:00:00 GMT'],
  ]
  for (const [version, modified] of years)
    put(`org/demo/base/${version}/base-${version}.pom`, parent(version), modified)
  const listed = years.map(([version]) => `<version>${version}</version>`).join('')
  put(
    'org/demo/base/maven-metadata.xml',
    `<metadata><groupId>org.demo</groupId><artifactId>base</artifactId><versioning><latest>1.2</latest><release>1.2</release><versions>${listed}</versions></versioning></metadata>`,
    null,
  )
}

async function open(asOf: Date | null): Promise<void> {
  const place = { folder, server: upstream.address, address: upstream.address, asOf }
  const opened = await openProtocol(maven, place)
  registries = opened.registries
  gateway = opened.gateway
}

async function reopen(asOf: Date | null): Promise<void> {
  await gateway.close()
  await registries.close()
  await open(asOf)
}

/** Runs Maven on a model whose parent is any 1.x; gives the versions of it that came to its local repository. */
async function mvn(
  version: string,
  local: string,
): Promise<{ exitCode: number | undefined; stdout: string; came: string[] }> {
  const project = join(folder, 'project')
  await mkdir(project, { recursive: true })
  await writeFile(
    join(project, 'pom.xml'),
    `<project><modelVersion>4.0.0</modelVersion><parent><groupId>org.demo</groupId><artifactId>base</artifactId><version>${version}</version><relativePath/></parent><artifactId>mine</artifactId><version>1</version><packaging>pom</packaging></project>`,
  )
  await writeFile(
    join(folder, 'settings.xml'),
    `<settings><mirrors><mirror><id>gateway</id><mirrorOf>*</mirrorOf><url>${gateway.address}/~maven</url><blocked>false</blocked></mirror></mirrors></settings>`,
  )
  const settings = join(folder, 'settings.xml')
  const { exitCode, stdout } = await execa(
    'mvn',
    ['--batch-mode', '-s', settings, '-gs', settings, `-Dmaven.repo.local=${join(folder, local)}`, 'validate'],
    { cwd: project, reject: false, timeout: 60_000 },
  )
  const entries = await readdir(join(folder, local, 'org/demo/base'), { withFileTypes: true }).catch(() => [])
  return { exitCode, stdout, came: entries.filter((entry) => entry.isDirectory()).map(({ name }) => name) }
}

const ask = async (path: string) => {
  const response = await fetch(`${gateway.address}/~maven/${path}`)
  return { status: response.status, body: await response.text() }
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gw-maven-'))
  upstream = await startFiles()
  publish()
})
afterEach(async () => {
  await gateway.close()
  await registries.close()
  await upstream.close()
  await rm(folder, { recursive: true, force: true })
})

describe('a Maven repository at the gateway', () => {
  test.skipIf(!hasMaven)(
    'shows Maven the versions of a day, and serves them again while the upstream is down (skipped where there is no mvn)',
    async () => {
      await open(new Date('2021-06-01'))
      const first = await mvn('[1.0,2.0)', 'm2')
      expect(first).toMatchObject({ exitCode: 0, came: ['1.1'] })
      await reopen(new Date('2021-06-01'))
      upstream.intercept = (_request, response) => {
        response.writeHead(500).end()
        return true
      }
      expect(await mvn('[1.0,2.0)', 'another')).toMatchObject({ exitCode: 0, came: ['1.1'] })
      expect(gateway.log.faults).toEqual([])
    },
  )

  test.skipIf(!hasMaven)('names to Maven what no repository has (skipped where there is no mvn)', async () => {
    await open(null)
    const run = await mvn('7.0', 'm2')
    expect(run.exitCode).toBe(1)
    expect(run.stdout).toContain('org.demo:base:pom:7.0')
    expect(gateway.log.missing).toContain('org.demo:base:7.0')
  })

  test('gives checksums of what it serves, cut metadata with it', async () => {
    await open(new Date('2020-06-01'))
    const cut = await ask('org/demo/base/maven-metadata.xml')
    expect(cut.body).toContain('<release>1.0</release>')
    expect(cut.body).not.toContain('1.1')
    const sha1 = createHash('sha1').update(cut.body).digest('hex')
    expect((await ask('org/demo/base/maven-metadata.xml.sha1')).body).toBe(sha1)
    const md5 = createHash('md5').update(parent('1.0')).digest('hex')
    expect((await ask('org/demo/base/1.0/base-1.0.pom.md5')).body).toBe(md5)
    expect(gateway.log.flags.size).toBe(0)
  })

  test('knows whether what it told depends on the day: lists of versions do, models and checksums of them do not', async () => {
    await open(new Date('2020-06-01'))
    for (const path of ['base-1.0.pom', 'base-1.0.pom.sha1', 'base-1.0.jar']) await ask(`org/demo/base/1.0/${path}`)
    expect(gateway.log.dated).toBe(false)
    await ask('org/demo/base/maven-metadata.xml')
    expect(gateway.log.dated).toBe(true)
  })

  test('takes no file that is not what its repository says, and calls that a fault', async () => {
    upstream.files.set('org/demo/base/1.0/base-1.0.pom.sha1', { body: '0'.repeat(40) })
    await open(null)
    expect((await ask('org/demo/base/1.0/base-1.0.pom')).status).toBe(503)
    expect(gateway.log.faults).toHaveLength(1)
  })

  test.each([
    'org/demo/base/1.0-SNAPSHOT/base-1.0-SNAPSHOT.jar',
    'org/demo/base/1.0-SNAPSHOT/other-1.0-SNAPSHOT.pom',
    'org/demo/base/1.0/other-1.0.pom',
    'index.html',
  ])('refuses %s', async (path) => {
    await open(null)
    expect((await ask(path)).status).toBe(403)
    expect(upstream.asked).toEqual([])
  })

  test('stands the release in for the model of a snapshot that is gone, and flags that', async () => {
    await open(null)
    expect((await ask('org/demo/base/1.0-SNAPSHOT/maven-metadata.xml')).status).toBe(404)
    expect((await ask('org/demo/base/9.9-SNAPSHOT/base-9.9-SNAPSHOT.pom')).status).toBe(404)
    expect(gateway.log.missing).toContain('org.demo:base:9.9-SNAPSHOT')
    expect([...gateway.log.flags]).toEqual([])
    const { body } = await ask('org/demo/base/1.0-SNAPSHOT/base-1.0-SNAPSHOT.pom')
    expect(body).toBe(parent('1.0'))
    const sha1 = createHash('sha1').update(body).digest('hex')
    expect((await ask('org/demo/base/1.0-SNAPSHOT/base-1.0-SNAPSHOT.pom.sha1')).body).toBe(sha1)
    expect([...gateway.log.flags]).toEqual(['registry-times-unsure'])
  })

  test('flags versions whose age nobody tells', async () => {
    for (const version of ['1.0', '1.1', '1.2'])
      upstream.files.set(`org/demo/base/${version}/base-${version}.pom`, { body: parent(version) })
    await open(new Date('2021-06-01'))
    expect((await ask('org/demo/base/maven-metadata.xml')).body).toContain('<version>1.2</version>')
    expect([...gateway.log.flags]).toEqual(['registry-times-unsure'])
  })
})

describe('what a repository says', () => {
  beforeEach(() => open(null))

  test('orders versions as Maven does', () => {
    const ordered = [
      '1.0-alpha-1',
      '1.0-beta',
      '1.0-M1',
      '1.0-RC2',
      '1.0',
      '1.0.1',
      '1.2',
      '1.10',
      '2.0.0-jre',
      '2.0.1',
    ]
    expect(ordered.toReversed().toSorted(compareVersions)).toEqual(ordered)
    expect(compareVersions('1.0', '1')).toBe(0)
    expect(compareVersions('1.0.Final', '1.0')).toBe(0)
  })

  test('calls no prerelease the release', () => {
    const text =
      '<metadata><versioning><latest>3</latest><release>3</release><versions><version>1</version><version>2-M1</version><version>3</version></versions></versioning></metadata>'
    const cut = withVersions(text, ['1', '2-M1'])
    expect(cut).toContain('<latest>2-M1</latest>')
    expect(cut).toContain('<release>1</release>')
  })

  test('reads mirrors, active profiles and the proxy of settings', () => {
    const settings =
      readSettings(`<settings><mirrors><mirror><id>a</id><mirrorOf>*,!inner</mirrorOf><url>https://mirror.invalid/all</url></mirror>
      <mirror><id>b</id><mirrorOf>external:http:*</mirrorOf><url>http://0.0.0.0/</url><blocked>true</blocked></mirror></mirrors>
      <proxies><proxy><active>true</active><host>proxy.invalid</host><port>3128</port></proxy></proxies>
      <profiles><profile><id>on</id><repositories><repository><id>inner</id><url>https://inner.invalid/r</url></repository></repositories></profile></profiles>
      <activeProfiles><activeProfile>on</activeProfile></activeProfiles></settings>`)
    expect(settings?.mirrors.map((mirror) => [mirror.url, mirror.mirrors('central'), mirror.mirrors('inner')])).toEqual(
      [['https://mirror.invalid/all/', true, false]],
    )
    expect(settings?.repositories).toEqual([{ id: 'inner', url: 'https://inner.invalid/r/' }])
    expect(settings?.proxy).toBe('http://proxy.invalid:3128')
    expect(readSettings('<settings>')).toBeNull()
  })

  test('takes what is no archive for an empty one', () => {
    expect(zipEntries(Buffer.from('PK\u0005\u0006'))).toEqual([])
    expect(zipEntries(Buffer.alloc(0))).toEqual([])
  })

  test.skipIf(!hasMaven)(
    "asks the machine's Maven where it gets artifacts from (skipped where there is no mvn)",
    async () => {
      const home = join(folder, 'home')
      await mkdir(join(home, '.m2'), { recursive: true })
      const { PATH = '', JAVA_HOME } = await execa('env').then(({ stdout }) =>
        Object.fromEntries(stdout.split('\n').map((line) => line.split(/=(.*)/s).slice(0, 2))),
      )
      const environment = { PATH, HOME: home, ...(JAVA_HOME === undefined ? {} : { JAVA_HOME }) }
      const plain = await maven.readUpstream(folder, environment)
      expect(plain?.registries[0]).toMatch(/^https:\/\/.*\/$/)
      expect(plain?.certificates).toContain('BEGIN CERTIFICATE')
      await writeFile(
        join(home, '.m2', 'settings.xml'),
        '<settings><mirrors><mirror><id>m</id><mirrorOf>central</mirrorOf><url>https://mirror.invalid/maven</url></mirror></mirrors></settings>',
      )
      expect((await maven.readUpstream(folder, environment))?.registries).toEqual(['https://mirror.invalid/maven/'])
      expect(await maven.readUpstream(folder, { PATH: '/nonexistent' })).toBeNull()
    },
  )
})
