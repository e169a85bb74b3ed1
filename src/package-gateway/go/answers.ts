import { compare, prerelease, valid } from 'semver'
import { z } from 'zod'
import type { KeptUpstream } from '../kept-upstream.ts'
import type { ProtocolAnswer, ProtocolRequest, ProtocolSession } from '../protocol.ts'
import { escaped, goRoute, isCanonical, isCommit, unescaped, type VersionRoute } from './route.ts'

const infoSchema = z.object({ Version: z.string(), Time: z.iso.datetime({ offset: true }).optional() })
type Info = z.infer<typeof infoSchema>

interface Asked {
  readonly kept: KeptUpstream
  readonly module: string
  readonly asOf: Date | null
  readonly session: ProtocolSession
}

/** Answers of a module proxy out of what is kept or the upstream has, as of a date where one is asked for. */
export function answersOf(kept: KeptUpstream): (request: ProtocolRequest) => Promise<ProtocolAnswer> {
  return async ({ segments, asOf, session = { hasLater: false } }) => {
    const route = goRoute(segments)
    if (route === null) return { kind: 'refused', why: "not a module proxy's path" }
    if (kept.registries.length === 0)
      return {
        kind: 'refused',
        why: 'GOPROXY of this machine names no proxy, and version control hosts are never asked',
      }
    const asked = { kept, module: route.module, asOf, session }
    if (route.kind === 'list') return list(asked)
    if (route.kind === 'latest') return latest(asked)
    return ofVersion(asked, route)
  }
}

async function list(asked: Asked): Promise<ProtocolAnswer> {
  const name = unescaped(asked.module)
  const all = await versionsOf(asked)
  if (all === null) return { kind: 'absent', name }
  const { visible, unsure } = await asOfDate(asked, all)
  return text(name, `${visible.join('\n')}\n`, unsure)
}

/** The newest release that was out; a prerelease where there is none; what the upstream calls the latest where it has no versions at all. */
async function latest(asked: Asked): Promise<ProtocolAnswer> {
  const name = unescaped(asked.module)
  const { visible, unsure } = await asOfDate(asked, (await versionsOf(asked)) ?? [])
  const [newest] = visible.toSorted((a, b) => rank(b) - rank(a) || compare(b, a))
  if (newest !== undefined && asked.asOf !== null) {
    const info = await infoOf(asked, escaped(newest))
    return info === null ? { kind: 'absent', name } : json(name, info, unsure)
  }
  const info = parseInfo(await document(asked, '@latest', asked.asOf))
  if (info === null) return { kind: 'absent', name }
  return json(name, info, isLater(info, asked.asOf))
}

async function ofVersion(asked: Asked, { kind, version }: VersionRoute): Promise<ProtocolAnswer> {
  const name = `${unescaped(asked.module)}@${unescaped(version)}`
  const info = kind === 'info' || asked.asOf !== null ? await infoOf(asked, version) : null
  const later = isLater(info, asked.asOf)
  if (later && !asked.session.hasLater && !(await standsIn(asked, version))) return { kind: 'absent', name }
  if (kind === 'info') return info === null ? { kind: 'absent', name } : json(name, info, later)
  if (kind === 'zip') return zip(asked, name, version)
  const body = await document(asked, `@v/${version}.mod`, freshness(asked, version))
  return body === null ? { kind: 'absent', name } : text(name, body.toString(), false)
}

async function zip(asked: Asked, name: string, version: string): Promise<ProtocolAnswer> {
  for (const registry of asked.kept.registries) {
    const file = await asked.kept.file(`${registry}${asked.module}/@v/${version}.zip`, null)
    if (file !== null) return { kind: 'file', name: `${name}.zip`, file }
  }
  return { kind: 'absent', name: `${name}.zip` }
}

/** Released versions before prereleases, and those with a go.mod before `+incompatible` ones, as `go` itself chooses. */
function rank(version: string): number {
  return (prerelease(version) === null ? 2 : 0) + (version.endsWith('+incompatible') ? 0 : 1)
}

async function versionsOf(asked: Asked): Promise<readonly string[] | null> {
  const body = await document(asked, '@v/list', asked.asOf)
  if (body === null) return null
  const words = body.toString().split('\n')
  return words.map((line) => line.trim().split(/\s/, 1)[0] ?? '').filter((version) => valid(version) !== null)
}

/** A release of so long after the day seldom fits with the rest of it: it may ask for a Go of its own time. */
const FITTING_MS = 2 * 365 * 24 * 60 * 60_000

/**
 * Versions that were out by then. A module is never empty: where all its releases are younger, the oldest stands in, unless it is of years later and the
 * proxy lists a commit that is nearer to the day; where it has none, the nearest commit. Where a release was out, commits are left out: no proxy should list them.
 */
async function asOfDate(
  asked: Asked,
  versions: readonly string[],
): Promise<{ readonly visible: readonly string[]; readonly unsure: boolean }> {
  const { asOf } = asked
  if (asOf === null) return { visible: versions, unsure: false }
  const infos = new Map<string, Info | null>()
  await Promise.all(versions.map(async (version) => infos.set(version, await infoOf(asked, escaped(version)))))
  const releases = versions.filter((version) => !isCommit(version))
  const visible = releases.filter((version) => !isLater(infos.get(version) ?? null, asOf))
  const unsure = releases.some((version) => infos.get(version)?.Time === undefined)
  if (versions.length === 0 || visible.length > 0) return { visible, unsure }
  const away = (version: string) => Math.abs(timeOf(infos.get(version)) - asOf.getTime())
  const byDistance = (some: readonly string[]) => some.toSorted((one, other) => away(one) - away(other))
  const [first] = byDistance(releases)
  const [nearest] = first !== undefined && away(first) < FITTING_MS ? [first] : byDistance(versions)
  asked.session.hasLater ||= isLater(infos.get(nearest ?? '') ?? null, asOf)
  return { visible: nearest === undefined ? [] : [nearest], unsure: true }
}

async function standsIn(asked: Asked, version: string): Promise<boolean> {
  const { visible } = await asOfDate(asked, (await versionsOf(asked)) ?? [])
  return visible.includes(unescaped(version)) || visible.length === 0
}

function timeOf(info: Info | null | undefined): number {
  return info?.Time === undefined ? 0 : Date.parse(info.Time)
}

function isLater(info: Info | null, asOf: Date | null): boolean {
  return asOf !== null && timeOf(info) > asOf.getTime()
}

async function infoOf(asked: Asked, version: string): Promise<Info | null> {
  return parseInfo(await document(asked, `@v/${version}.info`, freshness(asked, version)))
}

function freshness({ asOf }: Asked, version: string): Date | null | 'never-changes' {
  return isCanonical(version) ? 'never-changes' : asOf
}

async function document(
  { kept, module }: Asked,
  path: string,
  asOf: Date | null | 'never-changes',
): Promise<Buffer | null> {
  for (const registry of kept.registries) {
    const found = await kept.document(`${registry}${module}/${path}`, { asOf, accept: '*/*' })
    if (found !== null) return found.body
  }
  return null
}

function parseInfo(body: Buffer | null): Info | null {
  try {
    return body === null ? null : infoSchema.parse(JSON.parse(body.toString()))
  } catch {
    // What is no note of a version tells nothing of it.
    return null
  }
}

function json(name: string, body: Info, unsure: boolean): ProtocolAnswer {
  return { kind: 'document', name, type: 'application/json', body: Buffer.from(JSON.stringify(body)), unsure }
}

function text(name: string, body: string, unsure: boolean): ProtocolAnswer {
  return { kind: 'document', name, type: 'text/plain; charset=UTF-8', body: Buffer.from(body), unsure }
}
