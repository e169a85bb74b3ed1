import { randomUUID } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import semver from 'semver'
import { type Refused, refuse } from '../../model/index.ts'
import type { Registry } from '../../package-gateway/index.ts'
import { markName, markText, putInPlace, readMark } from '../kept-tools.ts'
import type { ProvidedTool, Toolchains, ToolOptions } from '../types.ts'
import { unpackTool } from './toolchain-unpack.ts'
import { highestMeeting, nodeMeeting, nodeRange, type ToolName, toolNames } from './toolchain-versions.ts'

/** Callers who ask for the same tool share one download; other processes see a tool only when it is whole. */
export function openToolchains(options: Pick<ToolOptions, 'home' | 'registry'>): Toolchains {
  const system = `${process.platform}-${process.arch}`
  const root = join(options.home, 'toolchains')
  const running = new Map<string, Promise<ProvidedTool | Refused>>()

  async function resolveVersion(name: string, wanted: string, asOf: Date): Promise<string | null> {
    if (!isTool(name)) return null
    const range = name === 'node' ? nodeRange(wanted, asOf) : semver.validRange(wanted)
    if (range === null) return null
    const lists = await Promise.all(packagesOf(name, system).map((each) => versionsOf(options.registry, each, asOf)))
    return name === 'node' ? nodeMeeting(lists.flat(), range, asOf) : highestMeeting(lists.flat(), range)
  }

  async function bring(name: ToolName, version: string): Promise<ProvidedTool | Refused> {
    const folder = join(root, `${name}-${version}`)
    const digest = await readMark(folder)
    if (digest !== null) return { folder, digest }
    const source = packagesOf(name, system).find((each) => each.accepts(version))
    const tarball =
      source === undefined ? null : await options.registry.tarball(source.name, fileOf(source.name, version))
    if (tarball === null) return refuse('toolchain-not-available', { tool: name, version, system })
    const aside = join(root, `.new-${randomUUID()}`)
    await mkdir(aside, { recursive: true })
    try {
      const brought = `sha512:${tarball.sha512}`
      await unpackTool({
        tool: name,
        tarball: tarball.path,
        folder: aside,
        mark: { name: markName, text: markText(brought) },
      })
      await putInPlace(aside, folder)
      return { folder, digest: brought }
    } finally {
      await rm(aside, { recursive: true, force: true })
    }
  }

  return {
    resolveVersion,
    provide: async (name, version) => {
      if (!isTool(name)) return refuse('toolchain-not-available', { tool: name, version, system })
      const key = `${name}-${version}`
      const known = running.get(key)
      if (known !== undefined) return known
      const call = bring(name, version).finally(() => running.delete(key))
      running.set(key, call)
      return call
    },
  }
}

function isTool(name: string): name is ToolName {
  return toolNames.some((tool) => tool === name)
}

interface ToolPackage {
  readonly name: string
  accepts(version: string): boolean
}

/**
 * Which packages hold a tool: Node has one a platform; so has pnpm since it became a native program with 12; yarn's classic line
 * and its later ones are two.
 */
function packagesOf(name: ToolName, system: string): readonly ToolPackage[] {
  if (name === 'node') return [{ name: `node-${system}`, accepts: () => true }]
  if (name === 'npm') return [{ name, accepts: () => true }]
  if (name === 'pnpm') {
    return [
      { name, accepts: (version) => semver.lt(version, '12.0.0-0') },
      { name: `@pnpm/exe.${system}`, accepts: (version) => semver.gte(version, '12.0.0-0') },
    ]
  }
  return [
    { name: 'yarn', accepts: (version) => semver.lt(version, '2.0.0-0') },
    { name: '@yarnpkg/cli-dist', accepts: (version) => semver.gte(version, '2.0.0-0') },
  ]
}

async function versionsOf(
  registry: Registry,
  source: ToolPackage,
  asOf: Date | null = null,
): Promise<readonly string[]> {
  const packument = await registry.packument(source.name, null)
  const entries = Object.entries(packument?.versions ?? {})
  const out = entries.filter(([, kept]) => asOf === null || kept.notBefore === null || kept.notBefore <= asOf.getTime())
  return out.map(([version]) => version).filter((version) => semver.valid(version) !== null && source.accepts(version))
}

function fileOf(name: string, version: string): string {
  return `${name.slice(name.indexOf('/') + 1)}-${version}.tgz`
}
