import semver from 'semver'
import type { Command } from '../../model/index.ts'
import { berry } from './package-managers-berry.ts'
import { npm } from './package-managers-npm.ts'
import { pnpm } from './package-managers-pnpm.ts'
import { yarnClassic } from './package-managers-yarn.ts'

export { installTimeScripts, withoutLifecycleScripts } from './package-managers-scripts.ts'

export type PackageManagerName = 'npm' | 'pnpm' | 'yarn'

export interface InstallOptions {
  /** Exact version of the package manager. */
  readonly version: string
  /**
   * `frozen`: the lockfile as it is, or fail; `preferred`: the lockfile where it fits, the rest resolved; `none`: no lockfile is
   * read or written, everything is resolved (as of the gateway's date).
   */
  readonly lockfile: 'frozen' | 'preferred' | 'none'
  /**
   * `none`: no lifecycle script at all; `dependencies`: those of dependencies, with the repository's own kept out by laying
   * `withoutLifecycleScripts(text)` over its manifests (most package managers can't tell them apart); `all`: as the package
   * manager does by itself.
   */
  readonly scripts: 'none' | 'dependencies' | 'all'
  /** The gateway's address in the sandbox. */
  readonly registry: string
  /** npm alone: peers that don't fit are no error (`--legacy-peer-deps`). */
  readonly legacyPeers?: boolean
  /** Dependencies of a workspace's root alone, or of development too: true by default. */
  readonly development?: boolean
  /** Berry alone: `pnp` keeps the packages in the repository's folder, so that they are there when the tests run. */
  readonly linker?: 'node-modules' | 'pnp' | 'pnpm'
  /** Relative to the repository's root; "." by default. */
  readonly directory?: string
}

/** How a package manager installs in /testbed, from an empty home, with its caches and stores outside it. */
export interface InstallPlan {
  readonly commands: readonly Command[]
  /** Files to write before the install: path relative to the repository's root → text. */
  readonly files: Readonly<Record<string, string>>
}

/** One rule for each package manager; pure: nothing is started here. */
export interface PackageManager {
  install(options: InstallOptions): InstallPlan
}

/** The install commands of one package manager at one version. */
export function installPlan(name: PackageManagerName, options: InstallOptions): InstallPlan {
  return managerFor(name, options.version).install(options)
}

function managerFor(name: PackageManagerName, version: string): PackageManager {
  if (name === 'npm') return npm
  if (name === 'pnpm') return pnpm
  return semver.lt(version, '2.0.0-0') ? yarnClassic : berry
}

/**
 * PATH of every command in a sandbox: the strategy's tools, as they are mounted at /env/<tool>, before the root's own programs. Tools
 * that are links into other tools' folders are never needed: each brings its own `bin`.
 */
export function toolPath(tools: readonly string[]): string {
  return [...tools.map((tool) => `/env/${tool}/bin`), '/usr/local/bin', '/usr/bin', '/bin'].join(':')
}

/**
 * What node needs to find packages under Plug'n'Play, in builds and tests. `loader`: the repository's `.pnp.loader.mjs` exists after
 * the install (berry writes it where some package is an ES module).
 */
export function plugNPlayVariables(options: { readonly loader: boolean }): Readonly<Record<string, string>> {
  const loader = options.loader ? ' --experimental-loader /testbed/.pnp.loader.mjs' : ''
  return { NODE_OPTIONS: `--require /testbed/.pnp.cjs${loader}` }
}
