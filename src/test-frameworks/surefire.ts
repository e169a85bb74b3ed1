import type { Command, TestPlan } from '../model/index.ts'
import { mavenArguments } from './maven-command.ts'
import { parseReport } from './report.ts'
import type { Invocation, TestFramework } from './types.ts'

/** Phases of Maven's life cycle that come to Surefire's tests, and those that come to Failsafe's as well. */
const testPhases = new Set([
  'test',
  'prepare-package',
  'package',
  'pre-integration-test',
  'integration-test',
  'post-integration-test',
  'verify',
  'install',
])
/** Options with a value behind them that say what is built and how. */
const valued = new Set([
  '-pl',
  '--projects',
  '-P',
  '--activate-profiles',
  '-D',
  '--define',
  '-f',
  '--file',
  '-rf',
  '-T',
  '--threads',
  '-s',
  '--settings',
  '-gs',
  '--global-settings',
  '-t',
  '--toolchains',
  '-b',
  '--builder',
  '-l',
  '--log-file',
])
const kept = /^(?:-pl|--projects|-am|--also-make|-P.*|--activate-profiles(?:=.*)?|-D.*|-N|--non-recursive)$/
/** Switches that would leave tests out, or say where or how results go. */
const droppedProperties =
  /^-D(?:skipTests|maven\.test\.skip|skipITs|skipUnitTests|test|it\.test|surefire\.(?:failIf|report|useFile)|maven\.test\.failure|maven\.repo|jacoco|gpg|maven\.javadoc|org\.slf4j|http\.|style\.)/

interface MavenWords {
  readonly options: readonly string[]
  readonly goals: readonly string[]
}

export const surefire: TestFramework = {
  name: 'surefire',
  ecosystem: 'java',
  async recognise(invocation) {
    const words = mavenWords(invocation)
    const phase = words?.goals.findLast((goal) => testPhases.has(goal))
    if (words === null || phase === undefined) return null
    return {
      framework: 'surefire',
      directory: invocation.directory,
      version: null,
      arguments: [...words.options, phase],
      nodeArguments: [],
      variables: invocation.variables,
    }
  },
  testPaths: async () => ({ tests: [], support: [], configuration: [] }),
  command,
  parse: parseReport,
}

/** Whatever fails, the other modules are still built and tested. */
function command(plan: TestPlan, files: readonly string[] | null): Command {
  const narrowed = files === null ? [] : [`-Dquarry.files=${files.join(',')}`]
  return {
    argv: ['mvn', ...mavenArguments, '--offline', '--fail-never', ...narrowed, ...plan.arguments],
    directory: plan.directory,
    variables: plan.variables,
  }
}

function mavenWords({ program, arguments: given }: Invocation): MavenWords | null {
  if (!/(?:^|\/)(?:mvn|mvnw|mvnd)$/.test(program)) return null
  const options: string[] = []
  const goals: string[] = []
  for (let at = 0; at < given.length; at += 1) {
    const word = given[at] ?? ''
    if (!word.startsWith('-')) {
      goals.push(word)
      continue
    }
    const value = valued.has(word) ? given[at + 1] : undefined
    if (value !== undefined) at += 1
    const whole =
      word === '-D' || word === '--define' ? [`-D${value ?? ''}`] : value === undefined ? [word] : [word, value]
    if (kept.test(whole[0] ?? '') && !droppedProperties.test(whole[0] ?? '')) options.push(...whole)
  }
  return { options, goals }
}
