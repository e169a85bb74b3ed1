import semver from 'semver'
import { Fault } from '../../errors.ts'
import { readNeed } from './need.ts'
import type { Fitting, KeptVersion, Need, Packument, Registry } from './types.ts'

/** At most this many versions of one package are looked into for one range: some have thousands. */
const mostCandidates = 60
/** At most this many packages are followed: an install has seldom more than two thousand. */
const mostPackages = 5000
/** A bound on going over it again: two or three are usual. */
const mostRounds = 20

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
  const view = new DatedView(registry, asOf)
  for (let round = 0; round < mostRounds; round += 1) {
    const unmet = await view.settle(needs)
    const shown = await Promise.all(unmet.map((need) => view.show(need)))
    if (!shown.includes(true)) break
  }
  return view.fitting()
}

/** What is hidden and shown of the packages that one install asks for. */
class DatedView {
  readonly #registry: Registry
  readonly #asOf: Date
  readonly #packages = new Map<string, Promise<SlimPackage | null>>()
  readonly #hidden = new Map<string, Set<string>>()
  readonly #shown = new Map<string, Set<string>>()
  /** Versions looked into, by `name@version`; one whose look is not over counts as fitting: packages may need each other. */
  readonly #looked = new Map<string, boolean>()
  readonly #looking = new Set<string>()
  /** Of a version: those that were found to fit because it does. */
  readonly #relying = new Map<string, Set<string>>()
  /** Something that was found to fit has to be looked into again. */
  #shaken = false

  constructor(registry: Registry, asOf: Date) {
    this.#registry = registry
    this.#asOf = asOf
  }

  fitting(): Fitting {
    return { hidden: lists(this.#hidden), shown: lists(this.#shown) }
  }

  /** Follows what is needed until nothing has to be hidden any more. Resolves to what nothing meets then. */
  async settle(needs: readonly Need[]): Promise<readonly Need[]> {
    for (let round = 1; ; round += 1) {
      this.#shaken = false
      const unmet = await this.#follow(needs)
      if (!this.#shaken || round === mostRounds) return unmet
    }
  }

  /** Shows the lowest version that meets the range, of the visible ones if there are any. False: that changes nothing. */
  async show({ name, range }: Need): Promise<boolean> {
    const known = (await this.#slim(name)) ?? []
    const all = [...meeting(known, range)].sort((a, b) => semver.compare(a.version, b.version))
    const found = all.find((one) => one.visible) ?? all[0]
    if (found === undefined || this.#shown.get(name)?.has(found.version) === true) return false
    put(this.#shown, name, found.version)
    this.#hidden.get(name)?.delete(found.version)
    return true
  }

  async #follow(needs: readonly Need[]): Promise<readonly Need[]> {
    const followed = new Set<string>()
    const unmet: Need[] = []
    let wave: readonly Need[] = needs
    while (wave.length > 0) {
      for (const need of wave) void this.#slim(need.name)
      const next: Need[] = []
      for (const need of wave) {
        const taken = await this.#pick(need)
        if (taken === undefined) unmet.push(need)
        const key = `${need.name}@${taken?.version}`
        if (taken === undefined || taken === null || followed.has(key)) continue
        followed.add(key)
        next.push(...taken.hard, ...taken.soft)
      }
      wave = next
    }
    return unmet
  }

  #slim(name: string): Promise<SlimPackage | null> {
    const known = this.#packages.get(name)
    if (known !== undefined) return known
    const isRoom = this.#packages.size < mostPackages
    const read = isRoom ? readSlim(this.#registry, name, this.#asOf) : Promise.resolve(null)
    this.#packages.set(name, read)
    return read
  }

  /** The version a package manager would take of those that fit; undefined: there is none. Null: nothing can be told. */
  async #pick({ name, range }: Need): Promise<Slim | null | undefined> {
    const known = await this.#slim(name)
    if (known === null) return null
    let fallback: Slim | undefined
    let seen = 0
    // Lazily: the first to meet the range mostly fits, and a package may have thousands.
    for (const candidate of meeting(known, range)) {
      if (!this.#isVisible(name, candidate)) continue
      seen += 1
      if (seen > mostCandidates) break
      if (!(await this.#fits(name, candidate))) continue
      if (!candidate.deprecated) return candidate
      fallback ??= candidate
    }
    return fallback
  }

  #isShown(name: string, one: Slim): boolean {
    return this.#shown.get(name)?.has(one.version) === true
  }

  #isVisible(name: string, one: Slim): boolean {
    return this.#isShown(name, one) || (one.visible && this.#hidden.get(name)?.has(one.version) !== true)
  }

  async #fits(name: string, one: Slim): Promise<boolean> {
    if (one.sure || this.#isShown(name, one)) return true
    const key = `${name}@${one.version}`
    const known = this.#looked.get(key)
    if (known !== undefined) return known
    this.#looked.set(key, true)
    this.#looking.add(key)
    const met = await this.#areMet(key, one.hard)
    const stands = this.#looking.delete(key)
    if (!met) this.#reject(name, one)
    else if (!stands) this.#looked.delete(key)
    return met
  }

  async #areMet(key: string, needs: readonly Need[]): Promise<boolean> {
    // Asked for side by side, looked into one after the other: the outcome must not hang on who answers first.
    for (const need of needs) void this.#slim(need.name)
    for (const need of needs) {
      const taken = await this.#pick(need)
      if (taken === undefined) return false
      if (taken !== null) put(this.#relying, `${need.name}@${taken.version}`, key)
    }
    return true
  }

  /** What was found to fit because this one did, perhaps while this one was still looked into, is looked into again. */
  #reject(name: string, one: Slim): void {
    const key = `${name}@${one.version}`
    put(this.#hidden, name, one.version)
    this.#looked.set(key, false)
    const fallen = [key]
    for (const each of fallen) {
      for (const relying of this.#relying.get(each) ?? []) {
        if (this.#looked.get(relying) !== true) continue
        this.#shaken = true
        // While one is looked into, it counts as fitting to the end.
        if (!this.#looking.delete(relying)) this.#looked.delete(relying)
        fallen.push(relying)
      }
      this.#relying.delete(each)
    }
  }
}

function* meeting(known: SlimPackage, range: string): Generator<Slim> {
  const wanted = new semver.Range(range, { loose: true })
  for (const one of known) if (wanted.test(one.parsed)) yield one
}

async function readSlim(registry: Registry, name: string, asOf: Date): Promise<SlimPackage | null> {
  try {
    const packument = await registry.packument(name, asOf)
    return packument === null ? null : slimmed(packument, asOf.getTime())
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
