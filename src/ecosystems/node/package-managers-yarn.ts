import type { InstallOptions, PackageManager } from './package-managers.ts'

/** Yarn classic takes the registry as an option alone: a repository's .npmrc and .yarnrc would win over variables. */
function variables(options: InstallOptions): Record<string, string> {
  return {
    YARN_CACHE_FOLDER: '/tmp/yarn-cache',
    // A release of yarn in the repository itself is not started: the toolchain's is.
    YARN_IGNORE_PATH: '1',
    YARN_DISABLE_SELF_UPDATE_CHECK: 'true',
    npm_config_registry: `${options.registry}/`,
    npm_config_nodedir: '/env/node',
    CI: 'true',
  }
}

export const yarnClassic: PackageManager = {
  install: (options) => {
    const argv = [
      'yarn',
      'install',
      '--non-interactive',
      '--no-progress',
      '--registry',
      `${options.registry}/`,
      // To this yarn alone an engine that doesn't fit is an error; the tests will tell.
      '--ignore-engines',
      ...lockfileArguments(options),
      ...(options.scripts === 'none' ? ['--ignore-scripts'] : []),
      ...(options.development === false ? ['--production'] : ['--production=false']),
    ]
    return { commands: [{ argv, directory: options.directory ?? '.', variables: variables(options) }], files: {} }
  },
}

function lockfileArguments(options: InstallOptions): readonly string[] {
  if (options.lockfile === 'frozen') return ['--frozen-lockfile']
  return options.lockfile === 'none' ? ['--no-lockfile'] : ['--pure-lockfile']
}
