import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import semver from 'semver'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type InstallOptions,
  installPlan,
  type PackageManagerName,
} from '../../../src/ecosystems/node/package-managers.ts'
import { openToolchains } from '../../../src/ecosystems/node/toolchain.ts'
import type { Toolchains } from '../../../src/ecosystems/types.ts'
import { isRefused } from '../../../src/model/index.ts'
import {
  type LockfileKind,
  openRegistry,
  type Registry,
  readNpmConfiguration,
  rewriteLockfile,
} from '../../../src/package-gateway/index.ts'
import { openRelayed } from '../../package-gateway/relay.ts'

/** Real package managers, each on a Node of its time, through a gateway to the machine's own registry. */
interface Case {
  readonly manager: PackageManagerName
  readonly major: string
  readonly node: string
  readonly lockfile: string
  readonly kind: LockfileKind
}

const cases: readonly Case[] = [
  { manager: 'npm', major: '6', node: '16', lockfile: 'package-lock.json', kind: 'package-lock' },
  { manager: 'pnpm', major: '8', node: '16', lockfile: 'pnpm-lock.yaml', kind: 'pnpm-lock' },
  { manager: 'yarn', major: '1', node: '16', lockfile: 'yarn.lock', kind: 'yarn-classic' },
  { manager: 'npm', major: '10', node: '22', lockfile: 'package-lock.json', kind: 'package-lock' },
  { manager: 'pnpm', major: '10', node: '22', lockfile: 'pnpm-lock.yaml', kind: 'pnpm-lock' },
  { manager: 'yarn', major: '4', node: '22', lockfile: 'yarn.lock', kind: 'yarn-berry' },
]

const manifest = {
  name: 'demo',
  version: '1.0.0',
  private: true,
  scripts: { postinstall: 'touch ran' },
  dependencies: { ms: '^2.0.0', '@sindresorhus/is': '^4.0.0' },
  devDependencies: { 'p-limit': '*' },
}
const asOf = new Date('2022-07-05')

let home: string
let registry: Registry
let tools: Toolchains

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'gw-installs-'))
  const { upstream } = await readNpmConfiguration(home, process.env)
  registry = openRegistry({ upstream, credentials: [], owner: 'acme', store: join(home, 'packages') })
  tools = openToolchains({ home, registry })
  for (const major of new Set(cases.map((each) => each.node))) await provide('node', await resolve('node', major))
})

afterAll(async () => {
  await registry.close()
  await rm(home, { recursive: true, force: true })
})

interface Ran {
  readonly version: (name: string) => Promise<string>
  readonly read: (path: string) => Promise<string | null>
  readonly tarballs: number
  readonly missing: readonly string[]
  readonly refused: readonly object[]
}

/** Runs a plan's commands as a sandbox would, with /testbed, /tmp and /env elsewhere. */
async function run(
  of: Case,
  mode: InstallOptions['lockfile'],
  time: Date | null,
  files: Readonly<Record<string, string>>,
): Promise<Ran> {
  const root = await mkdtemp(join(home, 'run-'))
  for (const folder of ['testbed', 'tmp', 'home']) await mkdir(join(root, folder))
  const gateway = await openRelayed({ registry, asOf: time, socketFolder: root })
  const version = await resolve(of.manager, of.major)
  const node = await provide('node', await resolve('node', of.node))
  const bins = [await provide(of.manager, version), node].map((folder) => join(folder, 'bin'))
  const plan = installPlan(of.manager, {
    version,
    lockfile: mode,
    scripts: 'none',
    registry: gateway.address,
    ...(of.kind === 'yarn-berry' ? { linker: 'node-modules' } : {}),
  })
  const given = { 'package.json': JSON.stringify(manifest), ...plan.files, ...files }
  for (const [path, text] of Object.entries(given)) {
    await writeFile(join(root, 'testbed', path), text.replaceAll('http://gateway.invalid', gateway.address))
  }
  const elsewhere = (value: string) => value.replace(/^\/(?=testbed|tmp)/, `${root}/`).replace(/^\/env\/node/, node)
  try {
    for (const command of plan.commands) {
      // Package managers are told not to write a lockfile where one is only preferred; here it is wanted.
      const [program = '', ...rest] = command.argv.filter((each) => each !== '--no-save' && each !== '--pure-lockfile')
      const variables = Object.fromEntries(
        Object.entries(command.variables).map(([name, value]) => [name, elsewhere(value)]),
      )
      await execa(program, rest, {
        cwd: join(root, 'testbed', command.directory),
        extendEnv: false,
        timeout: 120_000,
        env: { ...variables, PATH: [...bins, '/usr/bin', '/bin'].join(':'), HOME: join(root, 'home') },
      })
    }
  } finally {
    await gateway.close()
  }
  const read = (path: string) => readFile(join(root, 'testbed', path), 'utf8').catch(() => null)
  return {
    read,
    version: async (name) => JSON.parse((await read(`node_modules/${name}/package.json`)) ?? '{}').version,
    tarballs: gateway.log.tarballs,
    missing: gateway.log.missing,
    refused: gateway.log.refused,
  }
}

async function resolve(name: PackageManagerName | 'node', wanted: string): Promise<string> {
  const version = await tools.resolveVersion(name, wanted, new Date())
  if (version === null) throw new Error(`no ${name} ${wanted}`)
  return version
}

async function provide(name: PackageManagerName | 'node', version: string): Promise<string> {
  const tool = await tools.provide(name, version)
  if (isRefused(tool)) throw new Error(`no ${name} ${version}`)
  return tool.folder
}

// On a busy machine each of these takes ten times as long.
describe.each(cases)('$manager $major on Node $node', { timeout: 240_000 }, (of) => {
  test('resolves as of a date, and installs the same from the lockfile, whatever host that names', async () => {
    const resolved = await run(of, 'preferred', asOf, {})
    const limit = await resolved.version('p-limit')
    // 5 and later ask for a Node that was not long-term then.
    expect(semver.major(limit)).toBe(4)
    expect(await resolved.read('ran')).toBeNull()
    const lock = ((await resolved.read(of.lockfile)) ?? '').replaceAll(
      /http(?:%3A|:)\/\/127\.0\.0\.1:\d+/g,
      'https://registry.elsewhere.example/npm',
    )
    expect(lock).toContain('p-limit')
    const rewritten = rewriteLockfile(lock, of.kind, 'http://gateway.invalid')
    const locked = await run(of, 'frozen', null, { [of.lockfile]: rewritten.text })
    expect(await locked.version('p-limit')).toBe(limit)
    expect(await locked.version('ms')).toBe(await resolved.version('ms'))
    expect(await locked.version('@sindresorhus/is')).toMatch(/^4\./)
    expect([rewritten.foreign, locked.missing, locked.refused]).toEqual([[], [], []])
    expect(locked.tarballs).toBeGreaterThan(0)
  })
})

test('without a lockfile none is read, and npm and pnpm leave none behind', async () => {
  for (const of of cases.filter((each) => each.manager !== 'yarn' && each.major === '10')) {
    const ran = await run(of, 'none', asOf, {})
    expect(semver.major(await ran.version('p-limit'))).toBe(4)
    expect(await ran.read(of.lockfile)).toBeNull()
  }
})

test('concurrent callers share one tool, complete from its first moment', async () => {
  const version = await resolve('npm', '9')
  const tools = await Promise.all(Array.from({ length: 8 }, () => provide('npm', version)))
  expect(new Set(tools).size).toBe(1)
  const { stdout } = await execa(join(await provide('node', await resolve('node', '22')), 'bin', 'node'), [
    join(tools[0] ?? '', 'bin', 'npm'),
    '--version',
  ])
  expect(stdout).toBe(version)
})

test('a version that the registry does not have is refused', async () => {
  expect(await tools.provide('node', '99.0.0')).toEqual({
    refused: 'toolchain-not-available',
    evidence: { tool: 'node', version: '99.0.0', system: `${process.platform}-${process.arch}` },
  })
})
