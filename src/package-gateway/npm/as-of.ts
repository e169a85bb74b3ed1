import semver from 'semver'
import type { KeptVersion, Packument } from './types.ts'

/** A package as it stood at a time, as far as that can be told. */
export interface VisiblePackage {
  readonly versions: readonly (readonly [version: string, kept: KeptVersion])[]
  readonly tags: Readonly<Record<string, string>>
  /** True where the age of some version could not be told from the time asked for, or nothing was old enough. */
  readonly unsure: boolean
}

/** What a fitting says of one package. */
export interface PackageFitting {
  readonly hidden: readonly string[]
  readonly shown: readonly string[]
}

/**
 * Hides what was published after `asOf` (null: nothing), and what does not fit the rest of that date's view. A version that may
 * or may not have been there stays visible. Never empty where the package has any version: the oldest then stands in.
 */
export function visibleAsOf(
  packument: Packument,
  asOf: Date | null,
  { hidden, shown }: PackageFitting = { hidden: [], shown: [] },
): VisiblePackage {
  const all = Object.entries(packument.versions)
  const time = asOf?.getTime() ?? null
  const isOld = (kept: KeptVersion) => time === null || kept.notBefore === null || kept.notBefore <= time
  const old = all.filter(([version, kept]) => shown.includes(version) || isOld(kept))
  const fitting = old.filter(([version]) => !hidden.includes(version))
  const versions = [fitting, old, oldest(all)].find((each) => each.length > 0) ?? []
  return {
    versions,
    tags: visibleTags(
      packument.tags,
      versions.map(([version]) => version),
    ),
    unsure: time !== null && (old.length === 0 || versions.some(([, kept]) => isUnsure(kept, time))),
  }
}

function isUnsure(kept: KeptVersion, time: number): boolean {
  return kept.notAfter === null || kept.notAfter > time
}

function oldest(versions: VisiblePackage['versions']): VisiblePackage['versions'] {
  const [first] = [...versions].sort(([a], [b]) => semver.compareLoose(a, b))
  return first === undefined ? [] : [first]
}

/** Tags whose version is hidden go; `latest` becomes the highest visible release that is not above the registry's own. */
function visibleTags(tags: Readonly<Record<string, string>>, visible: readonly string[]): Record<string, string> {
  const kept = Object.fromEntries(Object.entries(tags).filter(([, version]) => visible.includes(version)))
  const latest = kept.latest ?? latestOf(visible, tags.latest)
  return latest === null ? kept : { ...kept, latest }
}

function latestOf(visible: readonly string[], ceiling: string | undefined): string | null {
  const valid = visible.filter((version) => semver.valid(version) !== null).sort(semver.rcompare)
  const under =
    ceiling === undefined || semver.valid(ceiling) === null
      ? valid
      : valid.filter((version) => semver.lte(version, ceiling))
  const candidates = under.length === 0 ? valid : under
  return candidates.find((version) => semver.prerelease(version) === null) ?? candidates[0] ?? visible[0] ?? null
}
