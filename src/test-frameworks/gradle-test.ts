import type { Command, TestPlan } from '../model/index.ts'
import { gradleArguments, testsTask } from './gradle-command.ts'
import { parseReport } from './report.ts'
import type { Invocation, TestFramework } from './types.ts'

/** Options with a value behind them. */
const valued = new Set([
  ...[
    '-p',
    '--project-dir',
    '-b',
    '--build-file',
    '-c',
    '--settings-file',
    '-I',
    '--init-script',
    '-g',
    '--gradle-user-home',
  ],
  ...['-x', '--exclude-task', '--tests', '--console', '--max-workers', '--configuration', '--include-build', '-F'],
  ...[
    '--dependency-verification',
    '--project-cache-dir',
    '--priority',
    '--warning-mode',
    '-P',
    '--project-prop',
    '-D',
    '--system-prop',
  ],
])
/** Properties say what is built and how; ours, which modules are tested. */
const kept = /^(?:-P.+|-Dquarry\.(?:modules|sets|fork|platform)=.*)$/
/** Names of tasks that run tests, with the module before. */
const testTask = /^(?<module>:?(?:[\w.-]+:)*)(?<task>test|check|build|allTests|quarryTests|\w+Tests?|test[A-Z]\w*)$/

/** Gradle: JUnit 3, 4 and 5, TestNG and what else its test tasks run. */
export const gradleTest: TestFramework = {
  name: 'gradle-test',
  ecosystem: 'java',
  async recognise(invocation) {
    const words = gradleWords(invocation)
    if (words === null || words.tasks.length === 0) return null
    return {
      framework: 'gradle-test',
      directory: invocation.directory,
      version: null,
      arguments: [...words.options, ...words.tasks],
      nodeArguments: [],
      variables: invocation.variables,
    }
  },
  testPaths: async () => ({ tests: [], support: [], configuration: [] }),
  command,
  typed: ({ arguments: given }) => [
    'gradle',
    ...given.filter((word) => !word.startsWith('-Dquarry.')).map((word) => (word === testsTask ? 'test' : word)),
  ],
  parse: parseReport,
}

/** Whatever fails, the other modules are still built and tested. */
function command(plan: TestPlan, files: readonly string[] | null): Command {
  const narrowed = files === null ? [] : [`-Dquarry.files=${files.join(',')}`]
  return {
    argv: ['gradle', ...gradleArguments, '--offline', ...narrowed, ...plan.arguments],
    directory: plan.directory,
    variables: plan.variables,
  }
}

function gradleWords({ program, arguments: given }: Invocation): { options: string[]; tasks: string[] } | null {
  if (!/(?:^|\/)gradlew?$/.test(program)) return null
  const options: string[] = []
  const tasks: string[] = []
  for (let at = 0; at < given.length; at += 1) {
    const word = given[at] ?? ''
    const value = valued.has(word) ? (given[at + 1] ?? '') : ''
    if (valued.has(word)) at += 1
    const whole = /^(?:-P|-D)$/.test(word) ? `${word}${value}` : word === '--project-prop' ? `-P${value}` : word
    if (kept.test(whole)) options.push(whole)
    else if (!word.startsWith('-')) tasks.push(...testsIn(word))
  }
  return { options, tasks }
}

/** `check` and `build` test, and check and pack besides. */
function testsIn(word: string): readonly string[] {
  const { module = '', task } = testTask.exec(word)?.groups ?? {}
  if (task === undefined) return []
  return [`${module}${/^(?:check|build)$/.test(task) ? 'test' : task}`]
}
