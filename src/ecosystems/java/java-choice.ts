import type { CiJob } from '../../ci/types.ts'
import type { ToolVersions } from '../types.ts'
import { at, filled, textAt } from './pom.ts'
import { type Module, propertiesOf, type Reactor } from './reactor.ts'

export interface JavaChoice {
  readonly version: string
  readonly feature: number
  /** The repository's own workflow tests with it. */
  readonly isTested: boolean
  /** The lowest that it tests with, or null where it names none. */
  readonly testedFrom: number | null
  readonly evidence: string
}

/** A Java that the build asks for at least, and where it says so. */
export interface JavaNeed {
  readonly feature: number
  readonly from: string
}

/** Features of Java that were ever a release, to be asked for one by one. */
const features = Array.from({ length: 40 }, (_, at) => at + 6)
/** Properties that by custom hold the language level. */
const levelProperties = [
  'maven.compiler.release',
  'maven.compiler.source',
  'maven.compiler.target',
  'maven.compiler.testRelease',
  'maven.compiler.testSource',
  'maven.compiler.testTarget',
]
const customProperties =
  /^(?:java|jdk|javac|project\.java|project\.jdk|project\.build)[.\-_]?(?:version|release|level|target|source|compiler\.version)?$/i
const levelTags = ['release', 'source', 'target', 'testRelease', 'testSource', 'testTarget']

/** What the modules' models ask of the compiler and the enforcer: the highest. */
export function neededJava(reactor: Reactor, modules: readonly Module[]): JavaNeed {
  let need: JavaNeed = { feature: 0, from: 'nothing says which' }
  for (const module of modules) {
    const properties = propertiesOf(reactor, module)
    const from = module.directory === '.' ? 'pom.xml' : `${module.directory}/pom.xml`
    const known = { ...properties }
    const say = (text: string | null, what: string) => {
      const feature = featureOf(filled(text ?? '', known) ?? '')
      if (feature !== null && feature > need.feature) need = { feature, from: `${from} ${what}` }
    }
    for (const name of levelProperties) say(properties[name] ?? null, name)
    for (const plugin of pluginsAbove(reactor, module)) {
      for (const configuration of plugin.configurations) {
        if (plugin.artifact === 'maven-compiler-plugin')
          for (const tag of levelTags) say(textAt(configuration, tag), `maven-compiler-plugin ${tag}`)
        const range = textAt(at(at(configuration, 'rules'), 'requireJavaVersion'), 'version')
        if (range !== null) say(lowestOf(filled(range, known) ?? ''), 'requireJavaVersion')
      }
    }
    if (need.feature === 0)
      for (const [name, value] of Object.entries(properties)) if (customProperties.test(name)) say(value, name)
  }
  return need
}

function pluginsAbove(reactor: Reactor, module: Module): Module['pom']['plugins'] {
  const own = [...module.pom.plugins]
  const path = module.pom.parent?.path
  const parent =
    path == null
      ? undefined
      : reactor.modules.find((each) => each !== module && each.pom.artifact === module.pom.parent?.artifact)
  return parent === undefined || parent.directory.startsWith(`${module.directory}/`)
    ? own
    : [...own, ...parent.pom.plugins]
}

/** `1.8`, `17`, `11.0.2` → the feature release. */
export function featureOf(text: string): number | null {
  const found = /^(?:1\.)?(?<feature>\d+)(?:\.|$)/.exec(text.trim())?.groups?.feature
  return found === undefined ? null : Number(found)
}

/** The lower bound of a range as Maven writes it: `[11,)`, `1.8`, `[1.8.0-40,)`. */
function lowestOf(range: string): string {
  return /^[[(]?\s*(?<bound>[\d.]+)/.exec(range.trim())?.groups?.bound ?? ''
}

/** What the repository's own jobs set up, by feature release. */
export function ciJavas(jobs: readonly CiJob[]): readonly number[] {
  const found = jobs
    .filter(({ linux }) => linux)
    .flatMap(({ setups }) => setups)
    .filter(({ action }) => /setup-java$|setup-graalvm$/.test(action))
    .flatMap(({ inputs }) => inputs['java-version'] ?? [])
    .flatMap((value) => value.split(/[\s,]+/))
    // Travis names who made it, too.
    .map((value) => featureOf(value.replace(/^(?:open|oracle)jdk/, '')))
  return [...new Set(found.filter((feature) => feature !== null))].toSorted((a, b) => a - b)
}

/**
 * The Javas to try, of those that the machine has: the lowest that CI tests with and the build asks for no more than, then the lowest that can
 * serve at all. At most two.
 */
export async function chooseJava(
  need: JavaNeed,
  ci: readonly number[],
  tools: ToolVersions,
  mergedAt: Date,
): Promise<readonly JavaChoice[]> {
  const here: { feature: number; version: string }[] = []
  for (const feature of features) {
    const version = await tools.resolveVersion('java', String(feature), mergedAt)
    if (version !== null) here.push({ feature, version })
  }
  const able = here.filter(({ feature }) => feature >= need.feature)
  const tested = able.filter(({ feature }) => ci.includes(feature))
  const choices = [...tested.slice(0, 1), ...able, ...tested]
  return [...new Map(choices.map((each) => [each.version, each])).values()].slice(0, 2).map((each) => ({
    ...each,
    isTested: ci.includes(each.feature),
    testedFrom: ci[0] ?? null,
    evidence: `java ${each.version} ← ${ci.includes(each.feature) ? 'setup-java of the workflow' : `the lowest here from ${need.feature || 'any'} on`} (${need.from})`,
  }))
}
