import type { Evidence } from '../../model/index.ts'
import type { ProjectView } from '../../test-frameworks/types.ts'
import type { Proposal, ProposeContext } from '../types.ts'
import type { JavaChoice, JavaNeed } from './java-choice.ts'
import { platformJar } from './java-eight.ts'
import { laterRuntime, openedRuntime } from './opened.ts'

/** Code made for an older Java, maybe one that hid nothing, on one that its own workflow does not test with. */
export function forkWords({ feature, isTested }: JavaChoice, need: JavaNeed): readonly string[] {
  if (isTested || feature <= need.feature) return []
  const options = [need.feature > 8 ? '' : openedRuntime(feature), laterRuntime(feature)].filter((each) => each !== '')
  return [`-Dquarry.fork=${options.join(' ')}`]
}

/** The first Java without the modules that JEP 320 removed. */
const withoutEnterprise = 11
/** The last Java that later compilers compile for with other platform classes than their own (`-Xbootclasspath/p`). */
const ownPlatform = 8
/** The first Java whose compiler runs only annotation processors that it is told of (JDK-8321314). */
const processorsAsked = 23

/** Whether code may speak of what later Javas lost: it was made for one before, and its own workflow does not test with this one. */
export function mayMissModules({ feature, isTested }: JavaChoice, need: JavaNeed): boolean {
  return !isTested && need.feature <= 8 && feature >= withoutEnterprise
}

/** Code for Java 8 and older is compiled against that Java's own interface: it overrides and calls what later ones lost. `tool` has it (`java-eight.ts`). */
export function platformWords(
  { feature, isTested, testedFrom }: JavaChoice,
  need: JavaNeed,
  tool: 'maven' | 'gradle',
): readonly string[] {
  if (isTested || need.feature > ownPlatform || feature <= ownPlatform) return []
  // What is only ever compiled by later Javas may well use what they brought.
  if (testedFrom !== null && testedFrom > ownPlatform) return []
  return [`-Dquarry.platform=/env/${tool}/${platformJar}`]
}

/** What gives code of before what it expects of its Java. `standIns`: artifacts in place of lost modules. */
export function olderWords(java: JavaChoice, need: JavaNeed, standIns: readonly string[]): readonly string[] {
  return [
    ...(standIns.length > 0 && mayMissModules(java, need) ? [`-Dquarry.removed=${standIns.join(',')}`] : []),
    ...(!java.isTested && java.feature >= processorsAsked ? ['-Dquarry.processors'] : []),
  ]
}

/** There is nothing to try, and this is why. */
export function unfollowed(
  context: Pick<ProposeContext, 'tree'>,
  name: string,
  reason: 'install-failed' | 'toolchain-not-available',
  evidence: Evidence & { readonly detail: string },
): Proposal {
  return {
    strategy: {
      ...{ name, ecosystem: 'java', toolchain: {}, overrides: [], install: [], build: [] },
      ...{ variables: {}, asOf: null, flags: [], evidence: [evidence.detail] },
    },
    invocations: [],
    project: () => projectView(context, '.'),
    unfollowed: { reason, evidence },
  }
}

export function projectView({ tree }: Pick<ProposeContext, 'tree'>, directory: string): ProjectView {
  return { directory, paths: tree.paths, read: (path) => tree.read(path), lockedVersion: () => null }
}
