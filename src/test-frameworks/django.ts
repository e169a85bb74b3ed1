import { posix } from 'node:path'
import type { Command, TestPlan } from '../model/index.ts'
import { type OptionRules, parseArguments } from './arguments.ts'
import { planFor } from './program.ts'
import { pythonCommand } from './python-launch.ts'
import { parseReport } from './report.ts'
import type { TestFramework } from './types.ts'

const rules: OptionRules = {
  valued: [
    '--settings',
    '--pythonpath',
    '-p',
    '--pattern',
    '-t',
    '--top-level-directory',
    '--tag',
    '--exclude-tag',
    '-k',
    '--testrunner',
    '--parallel',
    '-v',
    '--verbosity',
    '--shuffle',
    '--databases',
  ],
  dropped: [
    '--parallel',
    '-v',
    '--verbosity',
    '--shuffle',
    '--failfast',
    '--timing',
    '--pdb',
    '--keepdb',
    '--noinput',
    '--no-input',
    '--interactive',
    '--debug-sql',
    '-b',
    '--buffer',
    '--durations',
    '--no-color',
    '--force-color',
  ],
}

function isManage(plan: TestPlan): boolean {
  return posix.basename(plan.arguments[0] ?? '') === 'manage.py'
}

/** Runners that differ from Django's own in what they write and print; their packages need not be there. */
const reportingRunners = /^(?:xmlrunner|teamcity|django_nose|redgreenunittest|green)\b/

function withoutReporters(given: readonly string[]): readonly string[] {
  return given.filter((word, at) => {
    const isRunner = (value = '') => reportingRunners.test(value)
    if (word.startsWith('--testrunner=')) return !isRunner(word.slice('--testrunner='.length))
    if (word === '--testrunner') return !isRunner(given[at + 1])
    return given[at - 1] !== '--testrunner' || !isRunner(word)
  })
}

/** A script of the repository's own takes what only it knows: it is not narrowed, and its arguments stay as they are, but for what reports. */
function command(plan: TestPlan, files: readonly string[] | null): Command {
  const [script = '', ...stated] = plan.arguments
  const given = withoutReporters(stated)
  const entry = posix.dirname(script)
  if (!isManage(plan)) return pythonCommand(plan, 'script', [script, ...given], entry)
  const { options, positionals } = parseArguments(given, rules)
  const labels = files === null ? positionals.slice(1) : modulesOf(posix.join(plan.directory, entry), files)
  return pythonCommand(plan, 'script', [script, 'test', '--noinput', ...options.flat(), ...labels], entry)
}

function modulesOf(folder: string, files: readonly string[]): readonly string[] {
  return files.map((file) => posix.relative(folder, file).replace(/\.py$/, '').replaceAll('/', '.'))
}

/** Django's own runner, started by `manage.py test` or a script of the repository's; it ends in unittest's, which is followed. */
export const django: TestFramework = {
  name: 'django',
  ecosystem: 'python',
  async recognise(invocation, project) {
    const [script = ''] = invocation.arguments
    if (invocation.program !== 'django' || !project.paths.includes(posix.join(invocation.directory, script)))
      return null
    return planFor('django', invocation, invocation.arguments, project.lockedVersion('django'))
  },
  async testPaths(plan) {
    return { tests: [posix.join(plan.directory, '**/test*.py')], support: [], configuration: [] }
  },
  command,
  parse: parseReport,
}
