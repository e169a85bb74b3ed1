import { readdir, realpath, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import semver from 'semver'

/** A distribution of Gradle on this machine. */
export interface GradleDistribution {
  /** `8.5`; `4.4.1+debian` for one that a distribution has changed to run on newer Javas. */
  readonly version: string
  readonly folder: string
}

/** Where distributions are looked for, in an operator's words. */
export const gradlePlaces =
  'GRADLE_HOME, PATH, /opt/gradle*, ~/.sdkman/candidates/gradle, ~/.gradle/wrapper/dists, /usr/share/gradle'

/** Jars that each version has, named for it. */
const ownJar = /^gradle-(?:core|launcher|base-services|core-api)-(?<version>\d[\w.-]*)\.jar$/

/** The distributions that the machine has where people, version managers, wrappers and Debian put them, oldest first, each version once. */
export async function findGradles(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<readonly GradleDistribution[]> {
  const found = new Map<string, GradleDistribution>()
  for (const folder of await candidates(environment)) {
    const real = await realpath(folder).catch(() => null)
    const distribution = real === null ? null : await readDistribution(real)
    if (distribution !== null && !found.has(distribution.version)) found.set(distribution.version, distribution)
  }
  return [...found.values()].toSorted((a, b) => compareGradles(a.version, b.version))
}

/** By number; what Debian changed comes behind what it was made from. */
export function compareGradles(a: string, b: string): number {
  return semver.compareBuild(wholeVersion(a) ?? '0.0.0', wholeVersion(b) ?? '0.0.0')
}

/** `8.5` → `8.5.0`; null for what is no version. */
export function wholeVersion(version: string): string | null {
  const [number = '', build] = version.split('+')
  const whole = semver.coerce(number)?.version ?? null
  return whole === null || build === undefined ? whole : `${whole}+${build}`
}

async function candidates(environment: Readonly<Record<string, string | undefined>>): Promise<readonly string[]> {
  const home = environment.HOME ?? '/nonexistent'
  const folders = environment.GRADLE_HOME === undefined ? [] : [environment.GRADLE_HOME]
  for (const folder of (environment.PATH ?? '').split(':')) {
    const program = await realpath(join(folder, 'gradle')).catch(() => null)
    if (program !== null) folders.push(dirname(dirname(program)))
  }
  const parents = [
    ...['/opt', '/opt/gradle', '/usr/local', '/usr/local/gradle', '/usr/share'],
    join(environment.SDKMAN_DIR ?? join(home, '.sdkman'), 'candidates', 'gradle'),
    join(home, '.asdf/installs/gradle'),
    join(home, '.local/share/mise/installs/gradle'),
  ]
  for (const parent of parents) {
    const below = await entriesOf(parent)
    folders.push(...(parent.endsWith('gradle') ? below : below.filter((name) => /\/gradle[^/]*$/.test(name))))
  }
  // The wrapper's: dists/gradle-8.5-bin/<hash>/gradle-8.5.
  const dists = join(environment.GRADLE_USER_HOME ?? join(home, '.gradle'), 'wrapper', 'dists')
  for (const dist of await entriesOf(dists))
    for (const hash of await entriesOf(dist)) folders.push(...(await entriesOf(hash)))
  return folders
}

/** Null for what is no whole distribution. */
async function readDistribution(folder: string): Promise<GradleDistribution | null> {
  const program = await stat(join(folder, 'bin', 'gradle')).catch(() => null)
  if (program === null || !program.isFile()) return null
  const jars = await readdir(join(folder, 'lib')).catch(() => [])
  for (const jar of jars) {
    const version = ownJar.exec(jar)?.groups?.version
    if (version === undefined) continue
    // Debian's has links to the jars that all its packages share.
    const isShared = (await realpath(join(folder, 'lib', jar)).catch(() => '')).startsWith('/usr/share/java/')
    return { version: isShared ? `${version}+debian` : version, folder }
  }
  return null
}

async function entriesOf(parent: string): Promise<string[]> {
  const entries = await readdir(parent).catch(() => [])
  return entries.filter((name) => !name.startsWith('.')).map((name) => join(parent, name))
}
