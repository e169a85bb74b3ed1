import semver from 'semver'
import type { ToolVersions } from '../types.ts'
import type { WantedGradle } from './gradle-build.ts'
import { wholeVersion } from './gradles.ts'

export interface GradleChoice {
  readonly version: string
  readonly evidence: string
}

/**
 * Which Gradle first ran on which Java ("Compatibility Matrix" of Gradle's user manual), and from which of its own versions on it asks for a newer
 * Java (its release notes of 3.0, 5.0 and 9.0).
 */
const firstOn: readonly (readonly [java: number, gradle: string])[] = [
  [8, '2.0.0'],
  [9, '4.3.0'],
  [10, '4.7.0'],
  [11, '5.0.0'],
  [12, '5.4.0'],
  [13, '6.0.0'],
  [14, '6.3.0'],
  [15, '6.7.0'],
  [16, '7.0.0'],
  [17, '7.3.0'],
  [18, '7.5.0'],
  [19, '7.6.0'],
  [20, '8.3.0'],
  [21, '8.5.0'],
  [22, '8.8.0'],
  [23, '8.10.0'],
  [24, '8.14.0'],
  [25, '9.1.0'],
]
const leastJava: readonly (readonly [gradle: string, java: number])[] = [
  ['9.0.0', 17],
  ['5.0.0', 8],
  ['3.0.0', 7],
  ['0.0.0', 6],
]
/** Debian's changelog of gradle 4.4.1-13: "Fixed OpenJDK 17 compatibility". */
const debianOn = 17

/** Whether a Gradle runs on a Java. */
export function runsOn(gradle: string, java: number): boolean {
  const [least, most] = javasOf(gradle)
  return java >= least && java <= most
}

/** The Javas that a Gradle runs on: the lowest and the highest. */
export function javasOf(gradle: string): readonly [least: number, most: number] {
  const version = wholeVersion(gradle) ?? '0.0.0'
  const least = leastJava.find(([from]) => semver.gte(version, from))?.[1] ?? 6
  if (gradle.endsWith('+debian')) return [least, debianOn]
  return [least, firstOn.findLast(([, from]) => semver.gte(version, from))?.[0] ?? 7]
}

/**
 * The machine's Gradles that may serve, nearest first: the one asked for; the next of its line above, the last of its line below; the next of a later line.
 * An older line never: what a build says to a newer one, it does not know.
 */
export async function gradlesFor(
  wanted: WantedGradle,
  tools: ToolVersions,
  mergedAt: Date,
): Promise<readonly GradleChoice[]> {
  const exact = wholeVersion(wanted.version) ?? '0.0.0'
  const next = `${semver.major(exact) + 1}.0.0`
  const ask = (range: string) => tools.resolveVersion('gradle', range, mergedAt)
  const found = [
    await ask(exact),
    await lowest(`>${exact} <${next}`, ask),
    await ask(`>=${semver.major(exact)}.0.0 <${exact}`),
    await lowest(`>=${next}`, ask),
  ].filter((version) => version !== null)
  return found.map((version) => {
    const isIt = wholeVersion(version)?.split('+')[0] === exact
    const why = isIt ? wanted.from : `the nearest here to ${wanted.version}, which ${wanted.from} asks for`
    return { version, evidence: `gradle ${version} ← ${why}` }
  })
}

/** The lowest version in a range, asked for by what gives the highest. */
async function lowest(range: string, ask: (range: string) => Promise<string | null>): Promise<string | null> {
  const found = await ask(range)
  const whole = found === null ? null : wholeVersion(found)
  return whole === null ? null : ((await lowest(`${range} <${whole.split('+')[0]}`, ask)) ?? found)
}
