import semver from 'semver'

/**
 * Go's releases are `1.20`, `1.20.1`, `1.21.0` (from 1.21 on the first of a line has its zero), `1.22rc1`; here they are compared as the versions of other
 * worlds are.
 */
export function goSemver(release: string): string | null {
  const {
    line,
    patch = '0',
    stage,
    number,
  } = /^(?:go)?(?<line>1\.\d+)(?:\.(?<patch>\d+))?(?:(?<stage>beta|rc)(?<number>\d+))?$/.exec(release)?.groups ?? {}
  if (line === undefined) return null
  return `${line}.${patch}${stage === undefined ? '' : `-${stage}.${number}`}`
}

/** The name that Go itself gives a release. */
export function goName(version: string): string {
  const parsed = semver.parse(version)
  if (parsed === null) return version
  const stage = parsed.prerelease.join('')
  const bare = parsed.patch === 0 && (parsed.minor < 21 || stage !== '')
  return `${parsed.major}.${parsed.minor}${bare ? '' : `.${parsed.patch}`}${stage}`
}

/** `1.22`, `1.22.x`, `^1.20`, `>=1.21 <1.24`, `1.x`, `stable`, `go1.22.3` → a range; null: not in these words. */
export function goRange(wanted: string): string | null {
  const text = wanted.trim().replace(/^v|^go(?=\d)/, '')
  if (/^(?:stable|oldstable|latest|\*|x)$/.test(text) || text === '') return '*'
  const exact = /^\d+\.\d+(?:\.\d+)?(?:beta|rc)\d+$/.test(text) ? goSemver(text) : null
  return exact ?? semver.validRange(text)
}

/** `1.22` of `1.22.3`. */
export function lineOf(version: string): string {
  return /^\d+\.\d+/.exec(version)?.[0] ?? version
}
