/** Where a sandbox has Gradle's own folder: its caches of modules are in the layer. */
export const gradleHome = '/testbed/.quarry/gradle'

/** The task of our init script that runs the tests of the wanted modules. */
export const testsTask = 'quarryTests'

/** What every start of Gradle in a sandbox is given; the init script and what else its version asks for stand in the tool's own `bin/gradle`. */
export const gradleArguments: readonly string[] = ['--no-daemon', '--console=plain', '--continue', '--no-search-upward']
