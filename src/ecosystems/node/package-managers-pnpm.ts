import semver from 'semver'
import type { Command } from '../../model/index.ts'
import type { InstallOptions, PackageManager } from './package-managers.ts'

/**
 * Settings as variables: `npm_config_*` up to pnpm 10, `pnpm_config_*` since 11. Packages are copied: the store is thrown away with
 * /tmp, and hard links would not outlive the layer. Nothing asks a question (`CI`).
 */
function variables(options: InstallOptions): Record<string, string> {
  const settings = {
    registry: `${options.registry}/`,
    store_dir: '/tmp/pnpm-store',
    cache_dir: '/tmp/pnpm-cache',
    state_dir: '/tmp/pnpm-state',
    package_import_method: 'copy',
    manage_package_manager_versions: 'false',
    pm_on_fail: 'ignore',
    update_notifier: 'false',
    // Refusals over packages whose build scripts nobody approved, or that are too young, are not about this repository's state then.
    strict_dep_builds: 'false',
    minimum_release_age: '0',
    verify_deps_before_run: 'false',
    fetch_retries: '1',
    nodedir: '/env/node',
    // Peers that don't fit were a warning by default until 7 and are again since 8.
    strict_peer_dependencies: 'false',
  }
  const prefixes = semver.gte(options.version, '11.0.0-0') ? ['pnpm_config_', 'npm_config_'] : ['npm_config_']
  const entries = Object.entries(settings).flatMap(([name, value]) =>
    prefixes.map((prefix) => [`${prefix}${name}`, value] as const),
  )
  return { ...Object.fromEntries(entries), CI: 'true' }
}

export const pnpm: PackageManager = {
  install: (options) => {
    const command = (argv: readonly string[]): Command => ({
      argv,
      directory: options.directory ?? '.',
      variables: variables(options),
    })
    const ignoring = options.scripts === 'all' ? [] : ['--ignore-scripts']
    const production = options.development === false ? ['--prod'] : []
    const commands = [command(['pnpm', 'install', lockfileArgument(options), ...ignoring, ...production])]
    if (options.scripts === 'dependencies') commands.push(command(['pnpm', 'rebuild']))
    return { commands, files: {} }
  },
}

function lockfileArgument(options: InstallOptions): string {
  if (options.lockfile === 'frozen') return '--frozen-lockfile'
  // From 12 on `pnpm rebuild` goes by the lockfile, so one is made.
  const rebuildsByLockfile = options.scripts === 'dependencies' && semver.gte(options.version, '12.0.0-0')
  return options.lockfile === 'none' && !rebuildsByLockfile ? '--no-lockfile' : '--no-frozen-lockfile'
}
