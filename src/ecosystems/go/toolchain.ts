import { randomUUID } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import semver from 'semver'
import { z } from 'zod'
import { type Refused, refuse } from '../../model/index.ts'
import type { ProtocolAnswer, ProtocolRegistry } from '../../package-gateway/index.ts'
import { markName, markText, putInPlace, readMark } from '../kept-tools.ts'
import type { ProvidedTool, Toolchains, ToolOptions } from '../types.ts'
import { machineGo } from './machine-go.ts'
import { releaseTime } from './release-times.ts'
import { goName, goRange, goSemver, lineOf } from './versions.ts'
import { unpackModule } from './zip.ts'

const infoSchema = z.object({ Time: z.string() })
/** Before these, `go` knew no modules. */
const oldest = '1.11.0'

type Options = Pick<ToolOptions, 'home' | 'packages' | 'environment'>

/** Go's own toolchains, which are modules like any other: listed, dated and fetched by the module proxy. */
export function openToolchains(options: Options): Toolchains {
  const running = new Map<string, Promise<ProvidedTool | Refused>>()
  return {
    resolveVersion: async (name, wanted, asOf) => {
      const range = name === 'go' ? goRange(wanted) : null
      return range === null ? null : resolve(options, range, wanted.trim() === 'oldstable', asOf)
    },
    provide: async (name, version) => {
      const known = running.get(version)
      if (known !== undefined) return known
      const call = bring(options, name, version).finally(() => running.delete(version))
      running.set(version, call)
      return call
    },
  }
}

/**
 * The newest release within the range that was out by then. A proxy may list some patches of a line only, so that nothing in the range is old
 * enough: then the oldest stands in.
 */
async function resolve(options: Options, range: string, before: boolean, asOf: Date): Promise<string | null> {
  const registry = await options.packages('go')
  if (registry === null) return null
  const fitting = [...new Set([...(await listed(registry)), ...named(range)])]
    .filter((version) => semver.gte(version, oldest) && semver.satisfies(version, range))
    .toSorted(semver.rcompare)
  const newest: string[] = []
  for (const version of fitting) {
    const time = await releasedAt(registry, version)
    if (time === null || time > asOf.getTime()) continue
    newest.push(version)
    if (!before || lineOf(newest[0] ?? '') !== lineOf(version)) return goName(version)
  }
  const standIn = newest.at(-1) ?? fitting.at(-1)
  return standIn !== undefined && (await releasedAt(registry, standIn)) !== null ? goName(standIn) : null
}

/** Releases that the range itself names, which a list may lack. */
function named(range: string): readonly string[] {
  const lowest = semver.minVersion(range)
  return lowest === null ? [] : [lowest.version]
}

async function listed(registry: ProtocolRegistry): Promise<readonly string[]> {
  const answer = await ask(registry, 'list')
  if (answer.kind !== 'document') return []
  const suffix = `.${system()}`
  const names = answer.body.toString().split('\n')
  return names
    .filter((name) => name.startsWith('v0.0.1-go') && name.endsWith(suffix))
    .flatMap((name) => goSemver(name.slice('v0.0.1-'.length, -suffix.length)) ?? [])
}

async function releasedAt(registry: ProtocolRegistry, version: string): Promise<number | null> {
  const answer = await ask(registry, `${moduleVersion(goName(version))}.info`)
  const info = answer.kind === 'document' ? infoSchema.safeParse(JSON.parse(answer.body.toString())) : null
  return info?.success === true ? releaseTime(version, Date.parse(info.data.Time)) : null
}

async function ask(registry: ProtocolRegistry, file: string): Promise<ProtocolAnswer> {
  const segments = ['golang.org', 'toolchain', '@v', file]
  return registry.answer({ segments, query: '', accept: '*/*', asOf: null, address: '' })
}

async function bring(options: Options, tool: string, version: string): Promise<ProvidedTool | Refused> {
  const root = join(options.home, 'toolchains')
  const folder = join(root, `go-${version}`)
  const digest = await readMark(folder)
  if (digest !== null) return { folder, digest }
  const own = await machineGo(version, options.environment)
  if (own !== null) return own
  const registry = await options.packages('go')
  const answer = registry === null ? null : await ask(registry, `${moduleVersion(version)}.zip`)
  if (answer?.kind !== 'file')
    return refuse('toolchain-not-available', { tool, version, system: system(), detail: `go ${version}` })
  const aside = join(root, `.new-${randomUUID()}`)
  const brought = `sha256:${answer.file.sha256}`
  try {
    const prefix = `golang.org/toolchain@${moduleVersion(version)}/`
    await unpackModule(answer.file.path, aside, prefix, (name) => /^(?:bin|pkg\/tool\/[^/]+)\/[^/]+$/.test(name))
    await writeFile(join(aside, markName), markText(brought))
    await mkdir(root, { recursive: true })
    await putInPlace(aside, folder)
    return { folder, digest: brought }
  } finally {
    await rm(aside, { recursive: true, force: true })
  }
}

function moduleVersion(name: string): string {
  return `v0.0.1-go${name}.${system()}`
}

function system(): string {
  const processors: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64', ia32: '386', ppc64: 'ppc64le' }
  return `${process.platform}-${processors[process.arch] ?? process.arch}`
}
