/** Where a sandbox has Maven's local repository: in the layer. */
export const localRepository = '/testbed/.quarry/m2'

/**
 * What every start of Maven in a sandbox is given: our settings, whatever the repository's own `.mvn/maven.config` says, and the switches of
 * plugins that need git or check what no test sees (others our extension takes out). Develocity runs goals in a way of its own, past our extension.
 */
export const mavenArguments: readonly string[] = [
  '--batch-mode',
  ...['--settings', '/env/maven/conf/settings.xml', '--global-settings', '/env/maven/conf/settings.xml'],
  `-Dmaven.repo.local=${localRepository}`,
  '-Dorg.slf4j.simpleLogger.log.org.apache.maven.cli.transfer.Slf4jMavenTransferListener=warn',
  '-Dstyle.color=never',
  '-Djacoco.skip=true',
  '-Dmdep.analyze.skip=true',
  '-Dmaven.gitcommitid.skip=true',
  '-Dmaven.buildNumber.skip=true',
  '-Dmaven.build.cache.enabled=false',
  '-Ddevelocity.enabled=false',
  '-Dgradle.enterprise.enabled=false',
]
