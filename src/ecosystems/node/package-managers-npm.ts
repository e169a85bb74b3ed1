import semver from 'semver'
import type { Command } from '../../model/index.ts'
import type { InstallOptions, PackageManager } from './package-managers.ts'

/**
 * npm reads every option from `npm_config_*` before the repository's .npmrc, in all versions. `nodedir` lets node-gyp build
 * without fetching headers.
 */
function variables(options: InstallOptions): Record<string, string> {
  return {
    npm_config_registry: `${options.registry}/`,
    npm_config_cache: '/tmp/npm-cache',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
    npm_config_progress: 'false',
    npm_config_loglevel: 'warn',
    npm_config_prefer_offline: 'true',
    npm_config_fetch_retries: '1',
    npm_config_nodedir: '/env/node',
    npm_config_replace_registry_host: 'always',
    // Nobody would read it again: each install has a /tmp of its own.
    NODE_DISABLE_COMPILE_CACHE: '1',
    ...(options.legacyPeers === true ? { npm_config_legacy_peer_deps: 'true' } : {}),
    ...(options.development === false ? { npm_config_omit: 'dev', npm_config_only: 'prod' } : {}),
  }
}

export const npm: PackageManager = {
  install: (options) => {
    const command = (argv: readonly string[]): Command => ({
      argv,
      directory: options.directory ?? '.',
      variables: variables(options),
    })
    const ignoring = options.scripts === 'all' ? [] : ['--ignore-scripts']
    const commands = [command([...installArguments(options), ...ignoring])]
    // In two steps: the install itself would also start the root's `prepare`.
    if (options.scripts === 'dependencies') commands.push(command(['npm', 'rebuild']))
    return { commands, files: {} }
  },
}

function installArguments(options: InstallOptions): readonly string[] {
  // `npm ci` came with 5.7.
  if (options.lockfile === 'frozen' && semver.gte(options.version, '5.7.0')) return ['npm', 'ci']
  if (options.lockfile === 'none') return ['npm', 'install', '--no-package-lock', '--no-shrinkwrap', '--no-save']
  return ['npm', 'install', '--no-save']
}
