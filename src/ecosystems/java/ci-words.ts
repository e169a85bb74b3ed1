import { testJobs } from '../../ci/test-jobs.ts'
import type { CiJob, SeenCommand } from '../../ci/types.ts'
import type { TreeReader } from '../../model/index.ts'
import type { Reactor } from './reactor.ts'

export interface CiWords {
  readonly words: readonly string[]
  /** Where they stand; null: nothing is taken over. */
  readonly from: string | null
}

const testPhase = /^(?:test|package|verify|integration-test|install)$/

/** The profiles that the repository's own workflow tests with, of those that its models have. */
export async function ciProfiles(tree: TreeReader, reactor: Reactor, jobs: readonly CiJob[]): Promise<CiWords> {
  const [nearest] = await testJobs(tree, jobs, isMavenTest)
  const [command] = nearest?.tests ?? []
  if (command === undefined) return { words: [], from: null }
  const known = new Set(reactor.modules.flatMap(({ pom }) => pom.profiles))
  const named = profilesIn(command.words).filter((name) => known.has(name.replace(/^[!?+-]+/, '')))
  return named.length === 0 ? { words: [], from: null } : { words: [`-P${named.join(',')}`], from: command.from }
}

function isMavenTest({ words: [program = '', ...words] }: SeenCommand): boolean {
  return /(?:^|\/)mvnw?$/.test(program) && words.some((word) => testPhase.test(word))
}

function profilesIn(words: readonly string[]): readonly string[] {
  return words.flatMap((word, at) => {
    const value = /^(?:-P|--activate-profiles=?)(?<names>.*)$/.exec(word)?.groups?.names
    if (value === undefined) return []
    return (value === '' ? (words[at + 1] ?? '') : value).split(',').filter((name) => name !== '')
  })
}
