import semver from 'semver'
import { Fault } from '../errors.ts'
import { readNeed } from './need.ts'
import type { Fitting, KeptVersion, Need, Packument, Registry } from './types.ts'

/** At most this many versions of one package are looked into for one range: some have thousands. */
const mostCandidates = 60
/** At most this many packages are followed: an install has seldom more than two thousand. */
const mostPackages = 5000

/** What this needs of one version; identical lists are shared between a package's versions. */
interface Slim {
  readonly version: string
  readonly parsed: semver.SemVer
  /** Out at the time asked for, as far as can be told. */
  readonly visible: boolean
  /** Surely out by then: never hidden for what it needs. */
  readonly sure: boolean
  readonly deprecated: boolean
  /** Without these it can't be installed. */
  readonly hard: readonly Need[]
  /** Package managers ask for these too, but live without them. */
  readonly soft: readonly Need[]
}

/** A package's versions, newest first; those above the registry's own `latest` last, as package managers prefer them. */
type SlimPackage = readonly Slim[]

/**
 * Makes the view of a date consistent with itself, for an install that asks for `needs`. Where the registry's times can't be
 * trusted, a version that nothing dates is visible though what it depends on is proven younger: then it is younger itself, and
 * is hidden as well, until every range that is asked for leads to a version whose own dependencies can be met. Where that leaves
 * nothing for a range, the bounds were wrong: the lowest version that meets it is shown.
 *
 * Package managers take the newest version that meets a range, so only those are followed. Of a packument only what it needs
 * here is held on to; whole ones stay with the registry.
 */
export async function fitTogether(registry: Registry, asOf: Date, needs: readonly Need[]): Promise<Fitting> {
  const time = asOf.getTime()
  const packages = new Map<string, Promise<SlimPackage | null>>()
  const hidden = new Map<string, Set<string>>()
  const shown = new Map<string, Set<string>>()
  /** Versions looked into, by `name@version`; one whose look is not over counts as fitting: packages may need each other. */
  const looked = new Map<string, boolean>()

  const slim = (name: string): Promise<SlimPackage | null> => {
    const known = packages.get(name)
    if (known !== undefined) return known
    const read = packages.size >= mostPackages ? Promise.resolve(null) : readSlim(registry, name, asOf, time)
    packages.set(name, read)
    return read
  }

  /** The version a package manager would take of those that fit; undefined: there is none. Null: nothing can be told. */
  async function pick({ name, range }: Need): Promise<Slim | null | undefined> {
    const known = await slim(name)
    if (known === null) return null
    let fallback: Slim | undefined
    let seen = 0
    // Lazily: the first to meet the range mostly fits, and a package may have thousands.
    for (const candidate of meeting(known, range)) {
      if (!isShown(name, candidate)) continue
      seen += 1
      if (seen > mostCandidates) break
      if (!(await fits(name, candidate))) put(hidden, name, candidate.version)
      else if (!candidate.deprecated) return candidate
      else fallback ??= candidate
    }
    return fallback
  }

  function isShown(name: string, one: Slim): boolean {
    return shown.get(name)?.has(one.version) === true || (one.visible && hidden.get(name)?.has(one.version) !== true)
  }

  async function fits(name: string, one: Slim): Promise<boolean> {
    const key = `${name}@${one.version}`
    const known = looked.get(key)
    if (known !== undefined) return known
    looked.set(key, true)
    if (one.sure || shown.get(name)?.has(one.version) === true) return true
    // Asked for side by side, looked into one after the other: the outcome must not hang on who answers first.
    for (const need of one.hard) void slim(need.name)
    for (const need of one.hard) {
      if ((await pick(need)) !== undefined) continue
      looked.set(key, false)
      return false
    }
    return true
  }

  /** The lowest version that meets the range, of the visible ones if there are any. */
  async function show({ name, range }: Need): Promise<Slim | undefined> {
    const known = await slim(name)
    if (known === null) return undefined
    const all = [...meeting(known, range)].sort((a, b) => semver.compare(a.version, b.version))
    const found = all.find((one) => one.visible) ?? all[0]
    if (found === undefined) return undefined
    put(shown, name, found.version)
    hidden.get(name)?.delete(found.version)
    return found
  }

  const followed = new Set<string>()
  let wave: readonly Need[] = needs
  while (wave.length > 0) {
    for (const need of wave) void slim(need.name)
    const next: Need[] = []
    for (const need of wave) {
      const taken = (await pick(need)) ?? (await show(need))
      const key = `${need.name}@${taken?.version}`
      if (taken === undefined || followed.has(key)) continue
      followed.add(key)
      next.push(...taken.hard, ...taken.soft)
    }
    wave = next
  }
  return { hidden: lists(hidden), shown: lists(shown) }
}

function* meeting(known: SlimPackage, range: string): Generator<Slim> {
  const wanted = new semver.Range(range, { loose: true })
  for (const one of known) if (wanted.test(one.parsed)) yield one
}

async function readSlim(registry: Registry, name: string, asOf: Date, time: number): Promise<SlimPackage | null> {
  try {
    const packument = await registry.packument(name, asOf)
    return packument === null ? null : slimmed(packument, time)
  } catch (error) {
    // Whether the install itself needs this package is not known yet: if it does, it asks, and the fault is noted then.
    if (error instanceof Fault) return null
    throw error
  }
}

function slimmed(packument: Packument, time: number): SlimPackage {
  const lists = new Map<string, readonly Need[]>()
  const shared = (needs: readonly Need[]): readonly Need[] => {
    const key = JSON.stringify(needs)
    const known = lists.get(key)
    if (known === undefined) lists.set(key, needs)
    return known ?? needs
  }
  const latest = packument.tags.latest ?? null
  const isAbove = (version: string) => latest !== null && semver.valid(latest) !== null && semver.gt(version, latest)
  return Object.entries(packument.versions)
    .filter(([version]) => semver.valid(version) !== null)
    .sort(([a], [b]) => Number(isAbove(a)) - Number(isAbove(b)) || semver.rcompare(a, b))
    .map(([version, kept]) => slimVersion(version, kept, time, shared))
}

function slimVersion(
  version: string,
  { manifest, notBefore, notAfter }: KeptVersion,
  time: number,
  shared: (needs: readonly Need[]) => readonly Need[],
): Slim {
  const optional = needsIn(manifest.optionalDependencies)
  const names = new Set(optional.map(({ name }) => name))
  // npm lists optional dependencies among the dependencies too.
  const hard = needsIn(manifest.dependencies).filter(({ name }) => !names.has(name))
  const lenient = manifest.peerDependenciesMeta
  const peers = needsIn(manifest.peerDependencies).filter(({ name }) => !isOptionalPeer(lenient, name))
  return {
    version,
    parsed: new semver.SemVer(version),
    visible: notBefore === null || notBefore <= time,
    sure: notAfter !== null && notAfter <= time,
    deprecated: typeof manifest.deprecated === 'string' && manifest.deprecated !== '',
    hard: shared(hard),
    soft: shared([...optional, ...peers]),
  }
}

function needsIn(held: unknown): readonly Need[] {
  if (typeof held !== 'object' || held === null) return []
  return Object.entries(held).flatMap(([name, range]) => readNeed(name, range) ?? [])
}

function isOptionalPeer(meta: unknown, name: string): boolean {
  if (typeof meta !== 'object' || meta === null) return false
  const entry: unknown = Object.entries(meta).find(([each]) => each === name)?.[1]
  return typeof entry === 'object' && entry !== null && 'optional' in entry && entry.optional === true
}

function put(sets: Map<string, Set<string>>, name: string, version: string): void {
  const known = sets.get(name)
  if (known === undefined) sets.set(name, new Set([version]))
  else known.add(version)
}

function lists(sets: ReadonlyMap<string, ReadonlySet<string>>): Record<string, readonly string[]> {
  const entries = [...sets].filter(([, versions]) => versions.size > 0)
  return Object.fromEntries(entries.map(([name, versions]) => [name, [...versions].sort()] as const))
}
