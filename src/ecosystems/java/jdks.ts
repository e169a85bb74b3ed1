import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** A development kit on this machine. */
export interface Jdk {
  /** `17.0.15`. */
  readonly version: string
  /** `17`; `8` for 1.8. */
  readonly feature: number
  readonly folder: string
  /** Who built it, and its whole version. */
  readonly build: string
}

/** The kits that the machine has where distributions and version managers put them, newest release of each feature first. */
export async function findJdks(environment: Readonly<Record<string, string | undefined>>): Promise<readonly Jdk[]> {
  const home = environment.HOME ?? '/nonexistent'
  const parents = [
    '/usr/lib/jvm',
    '/usr/java',
    '/opt/java',
    '/opt',
    join(home, '.sdkman/candidates/java'),
    join(home, '.jdks'),
  ]
  const named = Object.entries(environment).filter(([name]) => name === 'JAVA_HOME' || /^JAVA_HOME_\d+_X64$/.test(name))
  const folders = named.flatMap(([, folder]) => (folder === undefined ? [] : [folder]))
  for (const parent of parents) folders.push(...(await entriesOf(parent)))
  const found = new Map<string, Jdk>()
  for (const folder of folders) {
    const real = await realpath(folder).catch(() => null)
    const jdk = real === null || found.has(real) ? null : await readJdk(real)
    if (jdk !== null) found.set(jdk.folder, jdk)
  }
  return [...found.values()].toSorted((a, b) => a.feature - b.feature || compareReleases(b.version, a.version))
}

/** Null for what is no kit: a runtime has no compiler. */
async function readJdk(folder: string): Promise<Jdk | null> {
  const release = await readFile(join(folder, 'release'), 'utf8').catch(() => null)
  const compiler = await stat(join(folder, 'bin', 'javac')).catch(() => null)
  const field = (name: string) => new RegExp(`^${name}="([^"\n]*)"`, 'm').exec(release ?? '')?.[1] ?? null
  const version = field('JAVA_VERSION')
  if (version === null || compiler === null) return null
  const feature = Number(/^(?:1\.)?(?<feature>\d+)/.exec(version)?.groups?.feature)
  return {
    version,
    feature,
    folder,
    build: `${field('IMPLEMENTOR') ?? ''} ${field('JAVA_RUNTIME_VERSION') ?? version}`.trim(),
  }
}

async function entriesOf(parent: string): Promise<string[]> {
  const entries = await readdir(parent).catch(() => [])
  return entries.filter((name) => !name.startsWith('.')).map((name) => join(parent, name))
}

function compareReleases(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split(/\D+/).map(Number))
  for (let at = 0; at < 4; at += 1) {
    const order = (left?.[at] ?? 0) - (right?.[at] ?? 0)
    if (order !== 0) return order
  }
  return 0
}
