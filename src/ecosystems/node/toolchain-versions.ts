import schedule from 'node-releases/data/release-schedule/release-schedule.json' with { type: 'json' }
import semver from 'semver'
import { nodeReleaseTime } from '../../package-gateway/index.ts'

export const toolNames = ['node', 'npm', 'pnpm', 'yarn'] as const
export type ToolName = (typeof toolNames)[number]

/** One major line of Node as it stood at a time. Source: the package node-releases (Node's own release schedule). */
export interface NodeLine {
  readonly major: number
  readonly codename: string | null
  readonly lts: boolean
  /** Not yet past its end of life. */
  readonly maintained: boolean
}

/** Node's major lines that were out at a time, newest first. 0.10 and 0.12 have no major of their own and are left out. */
export function nodeLinesAt(asOf: Date): readonly NodeLine[] {
  const day = asOf.toISOString().slice(0, 10)
  const lines = Object.entries(schedule).flatMap(([name, line]) => {
    const started = 'start' in line && line.start <= day
    if (!started || name.startsWith('v0')) return []
    const lts = 'lts' in line && line.lts <= day
    const codename = 'codename' in line && line.codename !== '' ? line.codename.toLowerCase() : null
    return [{ major: Number(name.slice(1)), codename, lts, maintained: line.end > day }]
  })
  return lines.sort((a, b) => b.major - a.major)
}

/**
 * What a version file may say of Node (nvm's and setup-node's words) → a semver range, as of a time; null where it can't be read.
 * `lts/*`, `lts/-1`, `lts/hydrogen`, `lts`, `node`, `latest`, `current`, `stable`, `v18`, `18.x`, `>=18`.
 */
export function nodeRange(wanted: string, asOf: Date): string | null {
  const word = wanted.trim().toLowerCase()
  const lines = nodeLinesAt(asOf)
  const longTerm = lines.filter((line) => line.lts)
  if (['node', 'latest', 'current', 'stable', '*', ''].includes(word))
    return lines[0] === undefined ? null : `^${lines[0].major}`
  const lts = /^lts(?:\/(?<which>.+))?$/.exec(word)
  if (lts !== null) {
    const which = lts.groups?.which ?? '*'
    const back = /^-(?<count>\d+)$/.exec(which)?.groups?.count
    const line =
      which === '*' || back !== undefined
        ? longTerm[Number(back ?? 0)]
        : longTerm.find((each) => each.codename === which)
    return line === undefined ? null : `^${line.major}`
  }
  return semver.validRange(word.replace(/^(?:node|iojs)[-@]/, ''))
}

/** The highest release that meets the range and was out at the time; a prerelease only where nothing else does. */
export function highestMeeting(versions: readonly string[], range: string): string | null {
  return semver.maxSatisfying(versions, range) ?? semver.maxSatisfying(versions, range, { includePrerelease: true })
}

/** The version closest to one that is not to be had: the next higher of the same minor, else the highest of the minor, else of the major. */
export function nearestVersion(versions: readonly string[], wanted: string): string | null {
  const exact = semver.coerce(wanted)
  if (exact === null) return null
  const minor = versions.filter((version) => semver.satisfies(version, `~${exact.major}.${exact.minor}.0`))
  const higher = minor.filter((version) => semver.gte(version, exact)).sort(semver.compare)[0]
  return higher ?? semver.maxSatisfying(minor, '*') ?? semver.maxSatisfying(versions, `^${exact.major}`)
}

function nodeExistedAt(version: string, asOf: Date): boolean {
  const time = nodeReleaseTime(version)
  return time !== null && time <= asOf.getTime()
}

/**
 * The Node that a range means on a day: the newest line of those out by then, and of that line the newest release at the beginning
 * of the quarter. A line gets a release every other week: the newest of the very day would give almost every candidate an
 * environment of its own, also where the lockfile does not change for months.
 */
export function nodeMeeting(versions: readonly string[], range: string, asOf: Date): string | null {
  const newest = highestMeeting(
    versions.filter((version) => nodeExistedAt(version, asOf)),
    range,
  )
  if (newest === null) return null
  const line = versions.filter((version) => semver.major(version) === semver.major(newest))
  const quarter = new Date(Date.UTC(asOf.getUTCFullYear(), Math.floor(asOf.getUTCMonth() / 3) * 3))
  return (
    highestMeeting(
      line.filter((version) => nodeExistedAt(version, quarter)),
      range,
    ) ?? newest
  )
}

/** The npm that came with a Node, as a range. Source: Node's release index (nodejs.org/dist/index.json, field `npm`). */
const bundledNpm: readonly (readonly [nodes: string, npms: string])[] = [
  ['>=24', '^11'],
  ['>=20.9', '^10'],
  ['^20', '^9'],
  ['^19.2', '^9'],
  ['^19', '^8'],
  ['^18.19', '^10'],
  ['^18.14', '^9'],
  ['>=16', '^8'],
  ['^15', '^7'],
  ['>=10', '^6'],
  ['^9', '^5.10'],
  ['^8', '^6'],
  ['>=5', '^3'],
  ['<5', '^2.15'],
]

/** Which npm goes with a Node, as a semver range. */
export function npmRangeFor(node: string): string {
  return bundledNpm.find(([nodes]) => semver.satisfies(node, nodes))?.[1] ?? '*'
}
