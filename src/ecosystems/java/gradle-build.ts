import { posix } from 'node:path'
import type { TreeReader } from '../../model/index.ts'
import { featureOf, type JavaNeed } from './java-choice.ts'

/** The Gradle that a build asks for, and where it says so. */
export interface WantedGradle {
  readonly version: string
  readonly from: string
}

const buildFile = /(?:^|\/)(?:build|settings)\.gradle(?:\.kts)?$/
/** Whatever a build is made of. */
const script = /\.gradle(?:\.kts)?$|(?:^|\/)(?:gradle(?:-daemon-jvm)?\.properties|[\w.-]+\.versions\.toml)$/
/** Scripts below these are what tests or readers look at. */
const samples = /(?:^|\/)(?:src|tests?|fixtures?|testdata|examples?|samples?|docs|templates?)\//

/** Where a build of Gradle starts: the folder of the settings, else of the script, nearest to the root; null: there is none. */
export function gradleRoot(tree: Pick<TreeReader, 'paths'>): string | null {
  const found = tree.paths.filter((path) => buildFile.test(path) && path.split('/').length <= 2 && !samples.test(path))
  const depth = (path: string) => path.split('/').length
  const order = (path: string) => (posix.basename(path).startsWith('settings') ? 0 : 1)
  const [nearest] = found.toSorted((a, b) => depth(a) - depth(b) || order(a) - order(b) || (a < b ? -1 : 1))
  return nearest === undefined ? null : posix.dirname(nearest)
}

/** The scripts, properties and catalogues of a build. */
export function gradleScripts(tree: Pick<TreeReader, 'paths'>): readonly string[] {
  return tree.paths.filter((path) => script.test(path) && !samples.test(path))
}

/** Years and months in which Gradle's lines came out (its release notes); newest first. */
const lines: readonly (readonly [since: string, version: string])[] = [
  ['2025-07', '9.0'],
  ['2023-02', '8.0'],
  ['2021-04', '7.0'],
  ['2019-11', '6.0'],
  ['2018-11', '5.0'],
  ['2017-06', '4.0'],
  ['2016-08', '3.0'],
  ['2014-07', '2.0'],
]

/** What the wrapper would bring; where there is none, or it does not say, the line that was out on the day. The wrapper itself is never run. */
export async function wantedGradle(tree: TreeReader, root: string, mergedAt: Date): Promise<WantedGradle> {
  const path = posix.join(root, 'gradle/wrapper/gradle-wrapper.properties')
  const text = await tree.read(path)
  const version = /^[ \t]*distributionUrl[ \t]*[=:].*?gradle-(?<version>\d[\w.-]*?)-(?:bin|all)\./m.exec(text ?? '')
    ?.groups?.version
  if (version !== undefined) return { version, from: path }
  const day = mergedAt.toISOString()
  const line = lines.find(([since]) => day >= since)?.[1] ?? '2.0'
  const why = text === null ? 'no wrapper says which' : `${path} names none`
  return { version: line, from: `the line of the day (${why})` }
}

/** Ways to name a language level or a kit, in Groovy and Kotlin. */
const levels: readonly RegExp[] = [
  /\b(?:source|target)Compatibility\s*[=(]?\s*(?:=\s*)?["']?(?:JavaVersion\.)?(?:toVersion\(["']?)?(?<level>VERSION_[\d_]+|[\d.]+)/g,
  /\bJavaLanguageVersion\.of\(\s*["']?(?<level>\d+)/g,
  /\bjvmToolchain\(?\s*(?<level>\d+)/g,
  /\boptions\.release(?:\.set\(|\s*=)\s*(?<level>\d+)/g,
  /\bjvmTarget\s*(?:=|\.set\()\s*(?:JvmTarget\.JVM_|["'])(?<level>[\d._]+)/g,
  // The Java that Gradle itself is to run on, from 8.8 on.
  /^toolchainVersion[ \t]*=[ \t]*(?<level>\d+)/gm,
  /^(?:java|jdk|javac?)\.?(?:version|release|toolchain)\s*=\s*["']?(?<level>[\d.]+)/gim,
]

/** The highest language level that a build's scripts name. */
export async function neededByGradle(tree: TreeReader): Promise<JavaNeed> {
  let need: JavaNeed = { feature: 0, from: 'nothing says which' }
  for (const path of gradleScripts(tree)) {
    const text = withoutComments((await tree.read(path)) ?? '')
    for (const pattern of levels)
      for (const { groups } of text.matchAll(pattern)) {
        const feature = featureOf((groups?.level ?? '').replace('VERSION_', '').replaceAll('_', '.'))
        if (feature !== null && feature > need.feature) need = { feature, from: path }
      }
  }
  return need
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?(?:\*\/|(?![\s\S]))|(?<!:)\/\/.*$/gm, '')
}

/** Folders of the modules that hold these paths: what is above `src`, else the nearest folder with a script. */
export function gradleModules(
  tree: Pick<TreeReader, 'paths'>,
  root: string,
  paths: readonly string[],
): readonly string[] {
  const withScript = new Set(gradleScripts(tree).map((path) => posix.dirname(path)))
  const found = new Set<string>()
  for (const path of paths) {
    const inner = root === '.' || path.startsWith(`${root}/`)
    if (!inner || script.test(path)) continue
    const source = /^(?<module>.*?)\/?(?:^|\/)src\//.exec(path)?.groups?.module
    if (source !== undefined) found.add(source === '' ? '.' : source)
    else found.add(nearest(posix.dirname(path), withScript, root))
  }
  return [...found].sort()
}

function nearest(folder: string, withScript: ReadonlySet<string>, root: string): string {
  if (folder === root || folder === '.' || withScript.has(folder)) return folder
  return nearest(posix.dirname(folder), withScript, root)
}

/** Sets of test sources that hold these paths beside the usual one: `src/integrationTest/java/…`. */
export function gradleSets(paths: readonly string[]): readonly string[] {
  const named = paths.map((path) => /(?:^|\/)src\/(?<set>[\w-]+)\//.exec(path)?.groups?.set)
  return [...new Set(named.filter((name) => name !== undefined))].filter((name) => !/^(?:main|test)$/.test(name)).sort()
}
