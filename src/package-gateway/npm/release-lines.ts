import environments from 'node-releases/data/processed/envs.json' with { type: 'json' }
import schedule from 'node-releases/data/release-schedule/release-schedule.json' with { type: 'json' }
import semver from 'semver'
import table from './release-lines.json' with { type: 'json' }

/** First release dates of version lines: the one thing about a package's age that no registry mirror can blur. */
const tableLines: Readonly<Record<string, Readonly<Record<string, string>>>> = table.lines

/** Packages of one repository that are released together under one version: by name, or by scope (`@babel/`). */
const lockstep: Readonly<Record<string, string>> = table.lockstep

function linesOf(name: string): Readonly<Record<string, string>> | undefined {
  const scope = name.slice(0, name.indexOf('/') + 1)
  return tableLines[name] ?? tableLines[lockstep[name] ?? lockstep[scope] ?? '']
}

/** Node's releases by version, in milliseconds, ascending by version. Source: the package node-releases. */
const nodeReleases = environments
  .map((release) => ({ version: release.version, time: Date.parse(release.date) }))
  .filter((release) => semver.valid(release.version) !== null && semver.prerelease(release.version) === null)
  .sort((a, b) => semver.compare(a.version, b.version))

/** When a major of Node became a long-term line; null for those that never did. */
export function nodeLongTermTime(major: number): number | null {
  const line = Object.entries(schedule).find(([name]) => name === `v${major}`)?.[1]
  return line !== undefined && 'lts' in line ? Date.parse(line.lts) : null
}

/** True where `lineStart` knows lines of this package. */
export function isDated(name: string): boolean {
  return name === 'node' || name === '@types/node' || linesOf(name) !== undefined
}

/** When a version of Node came out, or (for one between two dated ones) the last dated release before it. Null: unknown. */
export function nodeReleaseTime(version: string): number | null {
  return remembered(`node ${version}`, () => readNodeReleaseTime(version))
}

function readNodeReleaseTime(version: string): number | null {
  const sameMajor = nodeReleases.filter(
    (release) => semver.major(release.version) === semver.major(version) && semver.lte(release.version, version),
  )
  return sameMajor.at(-1)?.time ?? null
}

/**
 * A time before which this version of this package cannot have been published, from the dates of its release line; null
 * where the line is not dated. `@types/node` follows Node's own versions.
 */
export function lineStart(name: string, version: string): number | null {
  if (name === '@types/node' || name === 'node') return nodeReleaseTime(version)
  const lines = linesOf(name)
  if (lines === undefined) return null
  return remembered(`${name} ${version}`, () => readLineStart(lines, version))
}

/** When the line before the one that starts with this version came out; null where none is dated. */
export function previousLineStart(name: string, version: string): number | null {
  const lines = Object.entries(linesOf(name) ?? {}).filter(([line]) => semver.lt(firstOf(line), version))
  return lines.length === 0 ? null : Math.max(...lines.map(([, date]) => Date.parse(date)))
}

function readLineStart(lines: Readonly<Record<string, string>>, version: string): number | null {
  const times = Object.entries(lines)
    .filter(([line]) => semver.gte(version, firstOf(line)))
    .map(([, date]) => Date.parse(date))
  return times.length === 0 ? null : Math.max(...times)
}

const memory = new Map<string, number | null>()

/** Thousands of manifests name the same few hundred versions. */
function remembered(key: string, read: () => number | null): number | null {
  const known = memory.get(key)
  if (known !== undefined) return known
  const answer = read()
  if (memory.size < 20_000) memory.set(key, answer)
  return answer
}

/** The lowest version of a line, its prereleases included (they come before the date: callers mean stable versions). */
function firstOf(line: string): string {
  return semver.coerce(line)?.version ?? '0.0.0'
}
