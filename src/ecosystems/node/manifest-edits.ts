import semver from 'semver'
import { inDirectory, isRecord } from './manifest.ts'
import type { Package } from './workspaces.ts'

/** What an install changes in manifests: dependencies that are left out, and ranges that are met as well. */
export interface ManifestEdits {
  readonly without: ReadonlySet<string>
  readonly caps: ReadonlyMap<string, string>
}

/** The manifests that the edits change, as overrides. */
export function editedManifests(
  packages: readonly Package[],
  edits: ManifestEdits,
): readonly { readonly path: string; readonly content: string }[] {
  return packages.flatMap(({ directory, manifest }) => {
    const copy: Record<string, unknown> = { ...manifest.raw }
    for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies']) {
      const held = copy[kind]
      if (isRecord(held)) copy[kind] = edited(held, edits, kind === 'dependencies')
    }
    if (JSON.stringify(copy) === JSON.stringify(manifest.raw)) return []
    return [{ path: inDirectory(directory, 'package.json'), content: `${JSON.stringify(copy, null, 2)}\n` }]
  })
}

/** What a package needs at run time is never left out. */
function edited(
  held: Readonly<Record<string, unknown>>,
  edits: ManifestEdits,
  atRunTime: boolean,
): Record<string, unknown> {
  const kept = Object.entries(held).filter(([name]) => atRunTime || !edits.without.has(name))
  return Object.fromEntries(kept.map(([name, range]) => [name, cappedRange(range, edits.caps.get(name))]))
}

/** `^4.0.0` under `<4.8.0` is `^4.0.0 <4.8.0`; what has no version in common, or is no plain range, stays. */
function cappedRange(range: unknown, cap: string | undefined): unknown {
  if (typeof range !== 'string' || cap === undefined || range.includes('||') || semver.validRange(range) === null)
    return range
  return semver.intersects(range, cap) && !semver.subset(range, cap) ? `${range} ${cap}` : range
}
