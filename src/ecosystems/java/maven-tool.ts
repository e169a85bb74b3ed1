import { createHash, randomUUID } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Refused, refuse } from '../../model/index.ts'
import { gatewayAddress, type ProtocolRegistry } from '../../package-gateway/index.ts'
import { localRepository } from '../../test-frameworks/maven-command.ts'
import type { ProvidedTool, ToolOptions } from '../types.ts'
import { layPlatform } from './java-eight.ts'
import { extensionFiles, isThere } from './java-sources.ts'
import type { Jdk } from './jdks.ts'
import { command, putInPlace } from './lay-out-tool.ts'

type Options = Pick<ToolOptions, 'home' | 'packages'>

const distribution = ['org', 'apache', 'maven', 'apache-maven']
/** Sisu's index of the components that Maven is to find. */
const components = 'quarry.Session\nquarry.TestRuns\n'

/** Versions of Maven that can be had; the listeners that our extension is made of came with 3.1.2. */
export async function mavenVersions(options: Options): Promise<readonly string[]> {
  const answer = await ask(await options.packages('maven'), [...distribution, 'maven-metadata.xml'])
  if (answer?.kind !== 'document') return []
  const listed = [...answer.body.toString('utf8').matchAll(/<version>\s*([^<\s]+)\s*<\/version>/g)]
  return listed.map((match) => match[1] ?? '').filter((version) => /^(?:3\.[2-9]|[4-9]\.)/.test(version))
}

/**
 * Maven's own distribution, unpacked, with two things of ours in it: settings that lead every repository to the package gateway, and the
 * extension that has tests tell their results, compiled against the very classes that it runs with.
 */
export async function bringMaven(options: Options, version: string, jdk: Jdk): Promise<ProvidedTool | Refused> {
  const sources = await extensionFiles('jvm', 'maven')
  const own = createHash('sha256')
    .update(settings())
    .update(JSON.stringify(sources.map(([, text]) => text)))
    .digest('hex')
    .slice(0, 12)
  const folder = join(options.home, 'toolchains', `maven-${version}-${own}`)
  const digest = `maven ${version} ${own}`
  if (await isThere(join(folder, 'bin', 'mvn'))) return { folder, digest }
  const file = `apache-maven-${version}-bin.tar.gz`
  const answer = await ask(await options.packages('maven'), [...distribution, version, file])
  if (answer?.kind !== 'file') return refuse('toolchain-not-available', { detail: `maven ${version}` })
  const aside = join(options.home, 'toolchains', `.new-${randomUUID()}`)
  try {
    await unpack(answer.file.path, aside)
    await writeFile(join(aside, 'conf', 'settings.xml'), settings())
    await compileExtension(aside, jdk, sources)
    await putInPlace(aside, folder, 'mvn')
    return { folder, digest }
  } finally {
    await rm(aside, { recursive: true, force: true })
  }
}

async function unpack(archive: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await command('Maven', 'tar', [
    '-xzf',
    archive,
    '-C',
    folder,
    '--strip-components=1',
    '--no-same-owner',
    '--no-same-permissions',
  ])
  await command('Maven', 'chmod', ['-R', 'a+rX,u+w', folder])
}

/** For Java 8, where the oldest builds run. */
async function compileExtension(
  maven: string,
  jdk: Jdk,
  sources: readonly (readonly [string, string])[],
): Promise<void> {
  const classes = join(maven, '.extension')
  await mkdir(join(classes, 'META-INF', 'sisu'), { recursive: true })
  await writeFile(join(classes, 'META-INF', 'sisu', 'javax.inject.Named'), components)
  const level = jdk.feature >= 9 ? ['--release', '8'] : []
  const files = sources.map(([path]) => path)
  await command('Maven', join(jdk.folder, 'bin', 'javac'), [
    ...[...level, '-proc:none', '-nowarn', '-encoding', 'UTF-8'],
    ...['-cp', join(maven, 'lib', '*'), '-d', classes, ...files],
  ])
  await layPlatform('Maven', maven, classes, jdk)
  await mkdir(join(maven, 'lib', 'ext'), { recursive: true })
  await command('Maven', join(jdk.folder, 'bin', 'jar'), [
    'cf',
    join(maven, 'lib', 'ext', 'quarry.jar'),
    '-C',
    classes,
    '.',
  ])
  await rm(classes, { recursive: true })
}

/** Every repository that a build names is the gateway. */
function settings(): string {
  return `<settings>
  <localRepository>${localRepository}</localRepository>
  <interactiveMode>false</interactiveMode>
  <mirrors>
    <mirror>
      <id>gateway</id>
      <mirrorOf>*</mirrorOf>
      <url>${gatewayAddress}/~maven</url>
      <blocked>false</blocked>
    </mirror>
  </mirrors>
</settings>
`
}

async function ask(registry: ProtocolRegistry | null, segments: readonly string[]) {
  if (registry === null) return null
  const address = `${gatewayAddress}/~maven`
  return registry.answer({ segments, query: '', accept: '*/*', asOf: null, address })
}
