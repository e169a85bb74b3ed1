import { createHash, randomUUID } from 'node:crypto'
import { chmod, copyFile, cp, mkdir, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import semver from 'semver'
import { type Refused, refuse } from '../../model/index.ts'
import { reportersFolder } from '../../test-frameworks/index.ts'
import type { ProvidedTool, ToolOptions } from '../types.ts'
import { type GradleDistribution, wholeVersion } from './gradles.ts'
import { layPlatform } from './java-eight.ts'
import { extensionFiles, isThere } from './java-sources.ts'
import type { Jdk } from './jdks.ts'
import { command, putInPlace } from './lay-out-tool.ts'

const initScript = join(reportersFolder, 'gradle', 'init.gradle')
/** Says by their ids which plugins ours stands in for. */
const descriptors = join(reportersFolder, 'gradle', 'META-INF')
/** Options of the Java that Gradle itself runs in: short runs, and compilers that recurse. */
const javaOptions = '-Xmx1g -Xss16m -XX:+UseSerialGC -XX:TieredStopAtLevel=1'

/**
 * One of the machine's distributions, with two things of ours beside it: a program that starts it with our init script, whatever the repository's own
 * settings say, and the plug-in that has tests tell their results, compiled against the very classes that it runs with.
 */
export async function bringGradle(
  options: Pick<ToolOptions, 'home'>,
  distribution: GradleDistribution,
  jdk: Jdk,
): Promise<ProvidedTool | Refused> {
  const { version } = distribution
  const sources = await extensionFiles('jvm', 'gradle')
  const program = startScript(version)
  const own = createHash('sha256')
    .update(
      JSON.stringify([
        distribution.folder,
        program,
        await readFile(initScript, 'utf8'),
        await readdir(join(descriptors, 'gradle-plugins')),
        ...sources.map(([, text]) => text),
      ]),
    )
    .digest('hex')
    .slice(0, 12)
  const folder = join(options.home, 'toolchains', `gradle-${version}-${own}`)
  const digest = `gradle ${version} ${own}`
  if (await isThere(join(folder, 'bin', 'gradle'))) return { folder, digest }
  const aside = join(options.home, 'toolchains', `.new-${randomUUID()}`)
  try {
    await mkdir(join(aside, 'bin'), { recursive: true })
    await layDistribution(distribution.folder, join(aside, 'dist'))
    await copyFile(initScript, join(aside, 'init.gradle'))
    const unfit = await compilePlugin(distribution.folder, aside, jdk, sources)
    if (unfit !== null) return refuse('toolchain-not-available', { detail: `gradle ${version}`, unfit })
    await writeFile(join(aside, 'bin', 'gradle'), program)
    await chmod(join(aside, 'bin', 'gradle'), 0o755)
    await putInPlace(aside, folder, 'gradle')
    return { folder, digest }
  } finally {
    await rm(aside, { recursive: true, force: true })
  }
}

/**
 * What stands on the command line goes above a repository's gradle.properties, which could start another Java, or give it an agent. Before 5.0 Gradle
 * starts a second Java for any options at all.
 */
function startScript(version: string): string {
  const own = semver.lt(wholeVersion(version) ?? '0.0.0', '5.0.0') ? '' : javaOptions
  const given = [
    ...['--init-script', '/env/gradle/init.gradle', '-Dorg.gradle.java.home=/env/java', `-Dorg.gradle.jvmargs=${own}`],
    ...[
      '-Dorg.gradle.daemon=false',
      '-Dorg.gradle.caching=false',
      '-Dorg.gradle.parallel=false',
      '-Dorg.gradle.configureondemand=false',
    ],
    ...[
      '-Dorg.gradle.configuration-cache=false',
      '-Dorg.gradle.unsafe.configuration-cache=false',
      '-Dorg.gradle.unsafe.isolated-projects=false',
    ],
    ...[
      '-Dorg.gradle.java.installations.auto-download=false',
      '-Dorg.gradle.vfs.watch=false',
      '-Dorg.gradle.welcome=never',
    ],
  ]
  const quoted = given.map((word) => `'${word}'`).join(' ')
  return `#!/bin/sh\nexport GRADLE_OPTS='${javaOptions}' JAVA_HOME=/env/java\nunset JAVA_OPTS\nexec /env/gradle/dist/bin/gradle ${quoted} "$@"\n`
}

/** A sandbox sees the machine's /usr and nothing else of it; documentation and sources stay behind. */
async function layDistribution(from: string, to: string): Promise<void> {
  if (from.startsWith('/usr/')) {
    await symlink(from, to)
    return
  }
  for (const part of ['bin', 'lib']) await cp(join(from, part), join(to, part), { recursive: true, dereference: true })
  await command('Gradle', 'chmod', ['-R', 'a+rX', to])
}

/** For Java 8, where the oldest Gradles run. What the compiler says where a Gradle's classes are not those that our plug-in knows; null: they are. */
async function compilePlugin(
  distribution: string,
  aside: string,
  jdk: Jdk,
  sources: readonly (readonly [path: string, text: string])[],
): Promise<string | null> {
  const classes = join(aside, '.plugin')
  await mkdir(classes, { recursive: true })
  const level = jdk.feature >= 9 ? ['--release', '8'] : []
  const { exitCode, stderr } = await execa(
    join(jdk.folder, 'bin', 'javac'),
    [
      ...[...level, '-proc:none', '-nowarn', '-encoding', 'UTF-8'],
      ...['-cp', await classPath(distribution), '-d', classes, ...sources.map(([path]) => path)],
    ],
    { timeout: 300_000, maxBuffer: 4_000_000, reject: false },
  )
  if (exitCode !== 0) return /^.*error: .*$/m.exec(stderr)?.[0] ?? `javac ended with ${exitCode}`
  await layPlatform('Gradle', aside, classes, jdk)
  await command('Gradle', join(jdk.folder, 'bin', 'jar'), [
    ...['cf', join(aside, 'quarry.jar'), '-C', classes, '.'],
    ...['-C', dirname(descriptors), 'META-INF'],
  ])
  await rm(classes, { recursive: true })
  return null
}

/** Debian's has its Groovy beside the jars that its own are links to. */
async function classPath(distribution: string): Promise<string> {
  const lib = join(distribution, 'lib')
  const jars = (await readdir(lib)).filter((name) => name.endsWith('.jar'))
  const shared = dirname(await realpath(join(lib, jars[0] ?? '')))
  return [join(lib, '*'), join(lib, 'plugins', '*'), join(shared, 'groovy-all.jar')].join(':')
}
