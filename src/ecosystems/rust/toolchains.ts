import { readdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import semver from 'semver'
import { refuse } from '../../model/index.ts'
import type { Toolchains, ToolOptions } from '../types.ts'

/** A toolchain of this machine: rustup's, or one whose cargo and rustc lie in one folder. */
interface Installed {
  readonly folder: string
  /** `1.95.0`, `1.97.0-nightly`. */
  readonly version: string
  /** All that rustc says of itself. */
  readonly digest: string
}

/** Rust's toolchains are the machine's own: nothing is downloaded. */
export function openToolchains({ environment }: Pick<ToolOptions, 'environment'>): Toolchains {
  let found: Promise<readonly Installed[]> | null = null
  const installed = () => {
    found ??= findToolchains(environment)
    return found
  }
  return {
    resolveVersion: async (name, wanted, asOf) =>
      name === 'rust'
        ? resolveRust(
            (await installed()).map(({ version }) => version),
            wanted,
            asOf,
          )
        : null,
    provide: async (name, version) => {
      const tool = name === 'rust' ? (await installed()).find((each) => each.version === version) : undefined
      if (tool === undefined)
        return refuse('toolchain-not-available', { tool: name, version, detail: `${name} ${version}` })
      return { folder: tool.folder, digest: tool.digest }
    },
  }
}

/**
 * The toolchain that a channel means among those of a machine. `stable`: the newest that was out on the day, else the oldest that came later. A version:
 * the newest of its line, else the nearest line above, which compiles what it did. `nightly`, `beta` or a day's nightly: the machine's nightly.
 */
export function resolveRust(versions: readonly string[], wanted: string, asOf: Date): string | null {
  const stable = versions.filter((version) => semver.prerelease(version) === null).toSorted(semver.compare)
  if (/^(?:nightly|beta)\b/.test(wanted)) {
    return versions.filter((version) => semver.prerelease(version) !== null).toSorted(semver.rcompare)[0] ?? null
  }
  if (wanted === 'stable') {
    const out = stable.filter((version) => semver.minor(version) <= minorOf(asOf))
    return out.at(-1) ?? stable[0] ?? null
  }
  const line = semver.coerce(wanted)
  if (line === null) return null
  const above = stable.filter((version) => semver.gte(version, line))
  const nearest = above[0]
  return above.findLast((version) => nearest !== undefined && semver.minor(version) === semver.minor(nearest)) ?? null
}

const firstRelease = Date.UTC(2015, 4, 15)
const sixWeeks = 42 * 86_400_000

/** A stable release comes every six weeks since 1.0: https://doc.rust-lang.org/book/appendix-07-nightly-rust.html */
function minorOf(day: Date): number {
  return Math.floor((day.getTime() - firstRelease) / sixWeeks)
}

async function findToolchains(environment: ToolOptions['environment']): Promise<readonly Installed[]> {
  const home = environment.RUSTUP_HOME ?? join(environment.HOME ?? homedir(), '.rustup')
  const names = await readdir(join(home, 'toolchains')).catch(() => [])
  const folders = [...names.sort().map((name) => join(home, 'toolchains', name)), '/usr/local', '/usr']
  const asked = await Promise.all(folders.map(ask))
  const found = asked.filter((each) => each !== null)
  // `stable` and `1.95.0` are often the same: the first stands for both.
  return found.filter(({ version }, at) => found.findIndex((each) => each.version === version) === at)
}

/** Null where the folder has no whole toolchain. */
async function ask(folder: string): Promise<Installed | null> {
  const [rustc, cargo] = await Promise.all(
    ['rustc', 'cargo'].map((program) =>
      execa(join(folder, 'bin', program), ['--version', '--verbose'], {
        reject: false,
        timeout: 20_000,
        stdin: 'ignore',
      }),
    ),
  )
  if (rustc?.exitCode !== 0 || cargo?.exitCode !== 0) return null
  const version = /^release: (?<release>\S+)$/m.exec(rustc.stdout)?.groups?.release
  if (version === undefined || semver.valid(version) === null) return null
  return { folder, version, digest: rustc.stdout.replaceAll('\n', '; ') }
}
