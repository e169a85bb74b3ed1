import { readCi } from '../../ci/read-ci.ts'
import type { Command, Strategy } from '../../model/index.ts'
import { gradleArguments, gradleHome, testsTask } from '../../test-frameworks/gradle-command.ts'
import type { Proposal, ProposeContext, ToolVersions } from '../types.ts'
import {
  gradleModules,
  gradleRoot,
  gradleSets,
  neededByGradle,
  type WantedGradle,
  wantedGradle,
} from './gradle-build.ts'
import { type GradleChoice, gradlesFor, javasOf, runsOn } from './gradle-choice.ts'
import { gradlePlaces } from './gradles.ts'
import { chooseJava, ciJavas, type JavaChoice, type JavaNeed } from './java-choice.ts'
import { forkWords, platformWords, projectView, unfollowed } from './parts.ts'
import { sourceSets } from './source-sets.ts'

interface Rung {
  readonly name: string
  readonly gradle: GradleChoice
  readonly java: JavaChoice
  /** Compiled against the kit's own classes, also where code for 8 is compiled otherwise. */
  readonly ownPlatform?: boolean
}

/** The ladder: the touched modules with the Gradle nearest to the wrapper's and the lowest Java that both can serve; the next Java; the next Gradle. */
export async function proposeGradle(context: ProposeContext): Promise<readonly Proposal[]> {
  const { tree, tools, mergedAt } = context
  const root = gradleRoot(tree)
  if (root === null) return []
  const wanted = await wantedGradle(tree, root, mergedAt)
  const gradles = await gradlesFor(wanted, tools, mergedAt)
  if (gradles.length === 0) return [withoutGradle(context, wanted)]
  const need = await neededByGradle(tree)
  const ci = ciJavas(await readCi(tree))
  const rungs: Rung[] = []
  for (const [at, gradle] of gradles.entries()) {
    const javas = await chooseJava(need, ci, only(tools, gradle.version), mergedAt)
    const kept = at === 0 ? javas : javas.slice(0, 1)
    kept.forEach((java, next) => {
      const isFirst = rungs.length === 0
      rungs.push({ name: nameOf(isFirst, next, gradle, java), gradle, java })
      if (isFirst && platformWords(java, need, 'gradle').length > 0)
        rungs.push({ name: 'gradle-own-platform', gradle, java, ownPlatform: true })
    })
  }
  if (rungs.length === 0) return [withoutJava(context, need, gradles)]
  return rungs.slice(0, 4).map((rung) => proposalOf(context, root, rung, need, wanted))
}

function nameOf(isFirst: boolean, next: number, gradle: GradleChoice, java: JavaChoice): string {
  if (isFirst) return 'gradle'
  return next > 0 ? `gradle-java-${java.feature}` : `gradle-${gradle.version}`
}

/** The machine's Javas that a Gradle runs on. */
function only(tools: ToolVersions, gradle: string): ToolVersions {
  return {
    resolveVersion: async (name, wanted, asOf) =>
      name === 'java' && !runsOn(gradle, Number(wanted)) ? null : tools.resolveVersion(name, wanted, asOf),
  }
}

/** Distributions come from a download server of Gradle's own, which no install reaches: the machine has them, or not. */
function withoutGradle(context: ProposeContext, { version, from }: WantedGradle): Proposal {
  return unfollowed(context, 'gradle', 'toolchain-not-available', {
    detail: `gradle ${version}`,
    wanted: from,
    looked: gradlePlaces,
    mend: `unpack the distribution of Gradle ${version}, or of a later one of its line, below /opt, or name it by GRADLE_HOME`,
  })
}

function withoutJava(context: ProposeContext, need: JavaNeed, gradles: readonly GradleChoice[]): Proposal {
  const [least, most] = javasOf(gradles[0]?.version ?? '')
  const feature = Math.max(need.feature, least)
  return unfollowed(context, 'gradle', 'toolchain-not-available', {
    detail: `java ${feature}`,
    wanted: need.from,
    mend:
      feature > most
        ? `gradle ${gradles[0]?.version} runs on no Java above ${most}: bring a later Gradle`
        : `install a development kit of Java ${feature} to ${most}, on which gradle ${gradles[0]?.version} runs`,
  })
}

function proposalOf(
  context: ProposeContext,
  directory: string,
  { name, gradle, java, ownPlatform = false }: Rung,
  need: JavaNeed,
  wanted: WantedGradle,
): Proposal {
  const { words, evidence } = selection(context, directory)
  const platform = ownPlatform ? [] : platformWords(java, need, 'gradle')
  const given = [...words, ...platform, ...forkWords(java, need), testsTask]
  const resolve = (...more: readonly string[]): Command => ({
    argv: [
      'gradle',
      ...gradleArguments,
      '-Dquarry.resolve',
      `-Dquarry.asked=${wanted.version}`,
      ...more,
      ...words,
      ...platform,
      testsTask,
    ],
    directory,
    variables: {},
  })
  const strategy: Omit<Strategy, 'tests'> = {
    name,
    ecosystem: 'java',
    toolchain: { java: java.version, gradle: gradle.version },
    overrides: [],
    install: [{ ...resolve(), variables: sourceSets(context.tree) }],
    build: [],
    // One module alone is changed by most patches: only a state's repeated runs share its classes.
    ...(words.length === 0 ? { compile: [resolve('--offline')] } : { prebuild: [resolve('--offline')] }),
    variables: {
      CI: 'true',
      JAVA_HOME: '/env/java',
      GRADLE_USER_HOME: gradleHome,
      PATH: '/env/gradle/bin:/env/java/bin:/usr/bin:/bin',
    },
    asOf: context.mergedAt.toISOString(),
    flags: [],
    evidence: [
      ...[java.evidence, gradle.evidence, evidence],
      ...platform.map((word) => `${word} ← not tested with this Java`),
    ],
  }
  const invocation = {
    program: 'gradle',
    arguments: given,
    nodeArguments: [],
    variables: {},
    directory,
    from: 'build.gradle',
  }
  return { strategy, invocations: [invocation], project: (folder) => projectView(context, folder) }
}

/** Which modules are tested, in words of our init script. A build of one module alone is tested whole. */
function selection(
  { tree, changedPaths, testPaths }: Pick<ProposeContext, 'tree' | 'changedPaths' | 'testPaths'>,
  root: string,
): { readonly words: readonly string[]; readonly evidence: string } {
  const modules = gradleModules(tree, root, [...testPaths, ...changedPaths])
  const sets = gradleSets(testPaths)
  const isWhole = modules.length === 0 || (modules.length === 1 && modules[0] === root)
  if (isWhole && sets.length === 0) return { words: [], evidence: 'tests ← the whole build' }
  const named = [
    `-Dquarry.modules=${modules.join(',')}`,
    ...(sets.length === 0 ? [] : [`-Dquarry.sets=${sets.join(',')}`]),
  ]
  return { words: named, evidence: `tests ← the touched modules: ${modules.join(', ')}` }
}
