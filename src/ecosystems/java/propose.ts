import { readCi } from '../../ci/read-ci.ts'
import type { Command, Strategy } from '../../model/index.ts'
import { mavenArguments } from '../../test-frameworks/maven-command.ts'
import type { Invocation } from '../../test-frameworks/types.ts'
import type { Proposal, ProposeContext } from '../types.ts'
import { type CiWords, ciProfiles } from './ci-words.ts'
import { proposeGradle } from './gradle-propose.ts'
import { bothRuns, hasIntegrationTests } from './integration.ts'
import { chooseJava, ciJavas, type JavaChoice, type JavaNeed, neededJava } from './java-choice.ts'
import { chooseMaven, type MavenChoice } from './maven-choice.ts'
import { openedCompiler } from './opened.ts'
import { forkWords, mayMissModules, olderWords, platformWords, projectView, unfollowed } from './parts.ts'
import { type Module, type Reactor, readReactor, touched } from './reactor.ts'
import { standIns } from './removed-modules.ts'
import { sourceSets } from './source-sets.ts'

interface Footing {
  readonly java: JavaChoice
  readonly maven: MavenChoice
}

interface Rung {
  readonly name: string
  readonly footing: Footing
  /** The phase of the life cycle that runs the tests. */
  readonly phase: 'test' | 'package' | 'verify'
  /** Without plugins that no repository has. */
  readonly lean?: boolean
  /** Compiled against the kit's own classes, also where code for 8 is compiled otherwise. */
  readonly ownPlatform?: boolean
}

/** The ladder: integration tests too, where the change has some; the touched modules with the lowest Java that can serve; with jars packed for modules that ask for them; with the next Java; without plugins that are gone. */
export async function propose(context: ProposeContext): Promise<readonly Proposal[]> {
  const { tree, tools, mergedAt } = context
  const reactor = await readReactor(tree)
  if (reactor === null) return proposeGradle(context)
  const [broken] = reactor.broken
  if (reactor.modules.length === 0 || broken !== undefined)
    return [unfollowed(context, 'maven', 'install-failed', { detail: `${broken ?? 'pom.xml'} is no project model` })]
  const need = neededJava(reactor, reactor.modules)
  const jobs = await readCi(tree)
  const javas = await chooseJava(need, ciJavas(jobs), tools, mergedAt)
  const maven = await chooseMaven(tree, reactor.root, tools, mergedAt)
  const [first, second] = javas
  if (first === undefined)
    return [unfollowed(context, 'maven', 'toolchain-not-available', { detail: `java ${need.feature || 8}` })]
  if (maven === null) return [unfollowed(context, 'maven', 'toolchain-not-available', { detail: 'maven 3.9' })]
  const rungs: Rung[] = [
    ...(hasIntegrationTests(reactor, context.testPaths)
      ? [{ name: 'maven-verify', footing: { java: first, maven }, phase: 'verify' } as const]
      : []),
    { name: 'maven', footing: { java: first, maven }, phase: 'test' },
    ...(platformWords(first, need, 'maven').length > 0
      ? [{ name: 'maven-own-platform', footing: { java: first, maven }, phase: 'test', ownPlatform: true } as const]
      : []),
    ...(reactor.modules.length > 1
      ? [{ name: 'maven-package', footing: { java: first, maven }, phase: 'package' } as const]
      : []),
    ...(second === undefined
      ? []
      : [{ name: `maven-java-${second.feature}`, footing: { java: second, maven }, phase: 'test' } as const]),
    { name: 'maven-lean', footing: { java: first, maven }, phase: 'test', lean: true },
  ]
  const lost = javas.some((java) => mayMissModules(java, need)) ? await standIns(tree) : []
  const ground = { context, reactor, profiles: await ciProfiles(tree, reactor, jobs), need, lost }
  return rungs.map((rung) => proposalOf(ground, rung))
}

interface ProposalGround {
  readonly context: ProposeContext
  readonly reactor: Reactor
  readonly profiles: CiWords
  readonly need: JavaNeed
  /** Artifacts in place of modules that later Javas lost. */
  readonly lost: readonly string[]
}

function proposalOf(
  { context, reactor, profiles, need, lost }: ProposalGround,
  { name, footing, phase, lean = false, ownPlatform = false }: Rung,
): Proposal {
  const { java, maven } = footing
  const { directory, words: modules, evidence } = selection(context, reactor)
  const older = [...olderWords(java, need, lost), ...(ownPlatform ? [] : platformWords(java, need, 'maven'))]
  const words = [...profiles.words, ...modules, ...(lean ? ['-Dquarry.lean'] : []), ...older]
  const fork = forkWords(java, need)
  const invocation: Invocation = {
    program: 'mvn',
    arguments: [...words, ...fork, phase],
    nodeArguments: [],
    variables: {},
    directory,
    from: 'pom.xml',
  }
  const strategy: Omit<Strategy, 'tests'> = {
    name,
    ecosystem: 'java',
    toolchain: { java: java.version, maven: maven.version },
    overrides: [],
    install: [
      {
        argv: ['mvn', ...mavenArguments, '-Dquarry.resolve', '--fail-at-end', ...words, ...fork, phase],
        directory,
        variables: sourceSets(context.tree),
      },
    ],
    build: [],
    ...(phase === 'test' ? compiling(modules.length, { argv: ahead(words), directory, variables: {} }) : {}),
    variables: variablesOf(java),
    asOf: context.mergedAt.toISOString(),
    flags: lean ? ['dependencies-trimmed'] : [],
    evidence: [
      ...[java.evidence, maven.evidence, evidence],
      ...(lean ? ['left out: plugins that no repository has'] : []),
      ...older.map((word) => `${word} ← not tested with this Java`),
      ...(profiles.from === null ? [] : [`${profiles.words.join(' ')} ← ${profiles.from}`]),
    ],
  }
  const invocations = phase === 'verify' ? bothRuns(invocation) : [invocation]
  return { strategy, invocations, project: (folder) => projectView(context, folder) }
}

/** Compiling recurses as deep as expressions nest; the rest makes short runs start fast. */
function variablesOf({ feature }: JavaChoice): Readonly<Record<string, string>> {
  return {
    CI: 'true',
    JAVA_HOME: '/env/java',
    PATH: '/env/maven/bin:/env/java/bin:/usr/bin:/bin',
    MAVEN_OPTS: `-Xmx1g -Xss16m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 ${openedCompiler(feature)}`.trim(),
  }
}

/**
 * Of several modules, those that a change does not touch are compiled ahead: where nothing that a module is made of changed, its compiler leaves it
 * as it is. One module alone changes with almost every patch.
 */
function ahead(words: readonly string[]): readonly string[] {
  return ['mvn', ...mavenArguments, '--offline', '--fail-never', ...words, 'test-compile']
}

function compiling(modules: number, ahead: Command): Pick<Strategy, 'prebuild' | 'compile'> {
  return modules === 0 ? { compile: [ahead] } : { prebuild: [ahead] }
}

/** Which modules are built and tested, in Maven's words. */
function selection(
  { changedPaths, testPaths }: Pick<ProposeContext, 'changedPaths' | 'testPaths'>,
  reactor: Reactor,
): { directory: string; words: readonly string[]; evidence: string } {
  const directory = reactor.root
  const inner = touched(reactor, [...testPaths, ...changedPaths]).filter(isTested)
  if (reactor.modules.length === 1 || inner.length === 0) return { directory, words: [], evidence: 'tests ← pom.xml' }
  const names = inner.map((module) => module.directory)
  const projects = inner.map(({ pom }) => `:${pom.artifact}`)
  return {
    directory,
    words: ['--projects', projects.join(','), '--also-make', `-Dquarry.modules=${names.join(',')}`],
    evidence: `tests ← the touched modules: ${names.join(', ')}`,
  }
}

function isTested({ pom }: Module): boolean {
  return pom.packaging !== 'pom'
}
