import semver from 'semver'
import type { Command } from '../../model/index.ts'
import type { InstallOptions, PackageManager } from './package-managers.ts'

/**
 * Settings as variables, which win over the repository's .yarnrc.yml. Only those that every release of berry knows go everywhere:
 * berry refuses to start over one that it doesn't.
 */
function variables(options: InstallOptions): Record<string, string> {
  return {
    YARN_IGNORE_PATH: '1',
    YARN_NPM_REGISTRY_SERVER: options.registry,
    YARN_UNSAFE_HTTP_WHITELIST: '127.0.0.1',
    YARN_ENABLE_TELEMETRY: '0',
    YARN_ENABLE_GLOBAL_CACHE: 'false',
    YARN_GLOBAL_FOLDER: '/tmp/yarn-global',
    YARN_CACHE_FOLDER: cacheFolder(options),
    YARN_ENABLE_PROGRESS_BARS: 'false',
    YARN_ENABLE_INLINE_BUILDS: 'true',
    YARN_ENABLE_SCRIPTS: options.scripts === 'none' ? 'false' : 'true',
    YARN_ENABLE_IMMUTABLE_INSTALLS: options.lockfile === 'frozen' ? 'true' : 'false',
    // A lockfile's checksums are of archives that another release of yarn may pack differently.
    YARN_CHECKSUM_BEHAVIOR: options.lockfile === 'frozen' ? 'throw' : 'ignore',
    ...(options.linker === undefined ? {} : { YARN_NODE_LINKER: options.linker }),
    ...(semver.gte(options.version, '4.10.0') ? { YARN_NPM_MINIMAL_AGE_GATE: '0' } : {}),
    ...(semver.gte(options.version, '4.0.0') ? { YARN_ENABLE_HARDENED_MODE: 'false' } : {}),
    npm_config_nodedir: '/env/node',
    CI: 'true',
  }
}

/** Under Plug'n'Play node reads the packages out of the cache itself, so it must be part of the layer. */
function cacheFolder(options: InstallOptions): string {
  return options.linker === 'pnp' || options.linker === undefined ? '/testbed/.yarn/cache' : '/tmp/yarn-cache'
}

export const berry: PackageManager = {
  install: (options) => {
    const command = (argv: readonly string[]): Command => ({
      argv,
      directory: options.directory ?? '.',
      variables: variables(options),
    })
    const immutable = options.lockfile === 'frozen' ? ['--immutable'] : ['--no-immutable']
    // An empty lockfile marks the project's root: without one berry looks for it in the folders above.
    const files = options.lockfile === 'none' ? { 'yarn.lock': '' } : {}
    return { commands: [command(['yarn', 'install', ...immutable, ...skipBuilds(options)])], files }
  },
}

/** `enableScripts` is about dependencies alone: the repository's own packages are built all the same, but for this. */
function skipBuilds(options: InstallOptions): readonly string[] {
  if (options.scripts !== 'none') return []
  return semver.gte(options.version, '3.0.0-0') ? ['--mode=skip-build'] : ['--skip-builds']
}
