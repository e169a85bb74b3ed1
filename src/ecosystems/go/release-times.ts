import semver from 'semver'
import data from './release-lines.json' with { type: 'json' }

const lines: Readonly<Record<string, string>> = data.lines
const month = 30 * 86_400_000

/**
 * When a release was out, by the module proxy's time where that can be: toolchains came to the proxy in 2023, and older ones may carry the
 * time of that. A line gets no more patches once the second line after it is out; what is said to be later is reckoned from the line's first
 * release, a month a patch.
 */
export function releaseTime(version: string, told: number): number {
  const parsed = semver.parse(version)
  const first = firstRelease(parsed?.minor ?? 0)
  const end = firstRelease((parsed?.minor ?? 0) + 2)
  if (parsed === null || first === null || end === null || told <= end) return told
  return Math.min(first + parsed.patch * month, end)
}

function firstRelease(minor: number): number | null {
  const day = lines[`1.${minor}`]
  return day === undefined ? null : Date.parse(day)
}
