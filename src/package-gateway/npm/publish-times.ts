import semver from 'semver'
import { isDated, lineStart, nodeLongTermTime, nodeReleaseTime, previousLineStart } from './release-lines.ts'

/** What is known of when a version was published: [notBefore, notAfter] in milliseconds, null where open. */
export interface PublishTime {
  notBefore: number | null
  notAfter: number | null
}

/** The parts of one version's manifest that tell of its age. */
export interface AgeEvidence {
  readonly name: string
  readonly version: string
  readonly dependencies: readonly (readonly [name: string, range: string])[]
  readonly engine: string | null
  /** DefinitelyTyped's oldest TypeScript that the package supports. */
  readonly typeScriptVersion: string | null
  /** npm's own note of the upload: `tmp/name_1.0.0_1607433899838_0.123`. */
  readonly uploadNote: string | null
}

/** Raised with every change of how versions are dated: bounds that are kept from before no longer count. */
export const dating = 2

const day = 24 * 60 * 60 * 1000
/** Manifests name a coming Node major some weeks before it is out. */
const nodeForesight = 90 * day
/** Nobody drops every long-term Node: the lowest major asked for has about become one itself. */
const longTermForesight = 60 * day
/** DefinitelyTyped supports each TypeScript for two years: https://github.com/DefinitelyTyped/DefinitelyTyped#support-window */
const definitelyTypedSupport = 2 * 365 * day

/**
 * Puts bounds on when each version was published. Where the registry's times can be trusted they are the answer. Else they are
 * the times of a mirror's copies: never too early, so they only bound from above; from below, what a manifest names (tools, Node)
 * bounds it, dates in prereleases do, and the order of versions carries both along.
 */
export function publishTimes(
  versions: readonly AgeEvidence[],
  times: Readonly<Record<string, string>>,
): ReadonlyMap<string, PublishTime> {
  const valid = versions.filter((version) => semver.valid(version.version) !== null)
  const trusted = timesAreTrusted(
    valid.map((version) => version.version),
    times,
  )
  const bounds = new Map<string, PublishTime>()
  for (const version of valid) bounds.set(version.version, ownBounds(version, times, trusted))
  if (!trusted) carryAlongOrder(bounds)
  return bounds
}

/**
 * A registry's own times have `created` and `modified`, and within a release line rise with the version (but for a rare backport
 * published late). A mirror's copies come in the order in which somebody asked for them.
 */
export function timesAreTrusted(versions: readonly string[], times: Readonly<Record<string, string>>): boolean {
  const created = Date.parse(times.created ?? '')
  if (Number.isNaN(created) || Number.isNaN(Date.parse(times.modified ?? ''))) return false
  const stable = versions.filter((version) => semver.prerelease(version) === null).sort(semver.compare)
  let pairs = 0
  let inverted = 0
  for (const [index, version] of stable.entries()) {
    const next = stable[index + 1]
    if (next === undefined || lineOf(next) !== lineOf(version)) continue
    pairs += 1
    if (Date.parse(times[next] ?? '') < Date.parse(times[version] ?? '')) inverted += 1
  }
  return inverted <= Math.max(1, pairs * 0.02)
}

function ownBounds(evidence: AgeEvidence, times: Readonly<Record<string, string>>, trusted: boolean): PublishTime {
  const registryTime = Date.parse(times[evidence.version] ?? '')
  const uploaded = uploadTime(evidence.uploadNote)
  if (uploaded !== null) return { notBefore: uploaded, notAfter: uploaded }
  if (Number.isNaN(registryTime)) return { notBefore: manifestBound(evidence), notAfter: null }
  if (trusted) return { notBefore: registryTime, notAfter: registryTime }
  const stamp = dateInPrerelease(evidence.version)
  if (stamp !== null) return { notBefore: stamp, notAfter: Math.min(registryTime, stamp + 2 * day) }
  return { notBefore: manifestBound(evidence), notAfter: registryTime }
}

function uploadTime(note: string | null): number | null {
  const stamp = /_(?<milliseconds>1\d{12})_/.exec(note ?? '')?.groups?.milliseconds
  return stamp === undefined ? null : Number(stamp)
}

/** `5.0.0-dev.20220705` → that day. */
export function dateInPrerelease(version: string): number | null {
  const found =
    /-.*?(?<!\d)(?<year>20[12]\d)(?<month>0[1-9]|1[0-2])(?<day>0[1-9]|[12]\d|3[01])(?:\d{4}|\d{6})?(?!\d)/.exec(version)
  if (found?.groups === undefined) return null
  const time = Date.parse(`${found.groups.year}-${found.groups.month}-${found.groups.day}`)
  return Number.isNaN(time) ? null : time
}

/** The latest of the times before which a manifest that says this cannot have been written. */
function manifestBound(evidence: AgeEvidence): number | null {
  const bounds = evidence.dependencies
    .filter(([name]) => isDated(name))
    .map(([name, range]) => dependencyBound(name, range))
  bounds.push(engineBound(evidence.engine), typeScriptBound(evidence.typeScriptVersion))
  if (semver.prerelease(evidence.version) === null) bounds.push(lineStart(evidence.name, evidence.version))
  return latest(bounds)
}

function dependencyBound(name: string, range: string): number | null {
  const least = /^[\^~=v]?\d+\.\d+/.test(range) ? minimum(range) : null
  return least === null || semver.prerelease(least) !== null ? null : lineStart(name, least)
}

/** Bounds by `engines.node`: one package says the same in hundreds of versions. */
const engineBounds = new Map<string | null, number | null>()

function engineBound(engine: string | null): number | null {
  const known = engineBounds.get(engine)
  if (known !== undefined) return known
  const bound = readEngineBound(engine)
  if (engineBounds.size < 10_000) engineBounds.set(engine, bound)
  return bound
}

function readEngineBound(engine: string | null): number | null {
  if (engine === null || semver.validRange(engine) === null) return null
  const branches = engine.split('||').map((branch) => {
    const least = /\d/.test(branch) && !/^\s*</.test(branch) ? minimum(branch) : null
    return least === null ? null : nodeReleaseTime(least)
  })
  const lowest = minimum(engine)
  const longTerm = lowest === null ? null : nodeLongTermTime(semver.major(lowest))
  return latest([
    ...branches.map((time) => (time === null ? null : time - nodeForesight)),
    longTerm === null ? null : longTerm - longTermForesight,
  ])
}

/** DefinitelyTyped raises the least TypeScript once the one before it is two years old. */
function typeScriptBound(version: string | null): number | null {
  const least = semver.coerce(version ?? '')
  const dropped = least === null ? null : previousLineStart('typescript', least.version)
  return dropped === null ? null : dropped + definitelyTypedSupport - 30 * day
}

function minimum(range: string): string | null {
  try {
    return semver.minVersion(range)?.version ?? null
  } catch {
    // Not a semver range (a tag, an address): it tells nothing of the age.
    return null
  }
}

function latest(times: readonly (number | null)[]): number | null {
  const known = times.filter((time) => time !== null)
  return known.length === 0 ? null : Math.max(...known)
}

function lineOf(version: string): string {
  return `${semver.major(version)}.${semver.minor(version)}`
}

/**
 * A patch comes after the patch before it; the first of a minor line after the first of the minor line before it in its major; the first
 * of a major after the first of the major before. Lower bounds are carried up along that order, upper bounds down.
 */
function carryAlongOrder(bounds: Map<string, PublishTime>): void {
  const successors = successorPairs([...bounds.keys()])
  for (const [earlier, later] of successors) {
    const from = bounds.get(earlier)?.notBefore ?? null
    const to = bounds.get(later)
    if (to !== undefined) to.notBefore = latest([from, to.notBefore])
  }
  for (const [earlier, later] of [...successors].reverse()) {
    const from = bounds.get(later)?.notAfter ?? null
    const to = bounds.get(earlier)
    if (to === undefined || from === null) continue
    to.notAfter = to.notAfter === null ? from : Math.min(to.notAfter, from)
  }
}

/** Pairs (earlier, later), ordered so that one pass forward carries a bound all the way up. */
function successorPairs(versions: readonly string[]): readonly (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = []
  const firstOfLine = new Map<string, string>()
  const firstOfMajor = new Map<number, string>()
  let lineBefore: string | null = null
  let before: string | null = null
  for (const version of [...versions].filter((each) => semver.prerelease(each) === null).sort(semver.compare)) {
    const line = lineOf(version)
    const major = semver.major(version)
    if (firstOfLine.has(line)) {
      if (before !== null) pairs.push([before, version])
    } else {
      firstOfLine.set(line, version)
      const previous = predecessorOfLine(major, lineBefore, firstOfLine, firstOfMajor)
      if (previous !== null) pairs.push([previous, version])
      if (!firstOfMajor.has(major)) firstOfMajor.set(major, version)
    }
    lineBefore = line
    before = version
  }
  return [...pairs, ...prereleasePairs(versions)]
}

function predecessorOfLine(
  major: number,
  lineBefore: string | null,
  firstOfLine: ReadonlyMap<string, string>,
  firstOfMajor: ReadonlyMap<number, string>,
): string | null {
  if (firstOfMajor.has(major)) return firstOfLine.get(lineBefore ?? '') ?? null
  return [...firstOfMajor.values()].at(-1) ?? null
}

/** A prerelease comes after the first of the release line that is complete before it. */
function prereleasePairs(versions: readonly string[]): readonly (readonly [string, string])[] {
  const stable = versions.filter((version) => semver.prerelease(version) === null).sort(semver.compare)
  const firsts = stable.filter((version, index) => lineOf(stable[index - 1] ?? '0.0.0-none') !== lineOf(version))
  const pairs: (readonly [string, string])[] = []
  for (const version of versions) {
    if (semver.prerelease(version) === null || dateInPrerelease(version) !== null) continue
    const before = firsts
      .filter((first) => semver.lt(first, version) && semver.major(first) === semver.major(version))
      .at(-1)
    if (before !== undefined && semver.patch(version) === 0) pairs.push([before, version])
  }
  return pairs
}
