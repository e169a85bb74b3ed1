import type { TestPlan } from '../model/index.ts'
import { type OptionRules, optionValues, parseArguments } from './arguments.ts'
import { globsFromRoot, presentFiles } from './configuration.ts'
import { fromDirectory, launchCommand, npxCommand, reporterPath } from './launch.ts'
import { planFor, startedProgram } from './program.ts'
import { parseReport } from './report.ts'
import type { TestFramework } from './types.ts'

const rules: OptionRules = {
  valued: [
    '-p',
    '--pattern',
    '-c',
    '--concurrency',
    '-t',
    '--timeout',
    '-i',
    '--ignore',
    '-X',
    '--coverage-exclude',
    '-r',
    '--reporter',
    '--lines',
    '--branches',
    '--functions',
    '--statements',
  ],
  dropped: [
    '-r',
    '--reporter',
    '-C',
    '--coverage',
    '-X',
    '--coverage-exclude',
    '--check-coverage',
    '--coverage-html',
    '--lines',
    '--branches',
    '--functions',
    '--statements',
    '-w',
    '--watch',
    '-o',
    '--only',
    '--expose-gc',
  ],
}

const configurationFiles = ['.borp.yaml', '.borp.yml']

/** Its configuration names files too, which would be run beside those asked for; one that is not there is passed over. */
const withoutConfiguration = { BORP_CONF_FILE: '/nowhere' }

function command(plan: TestPlan, files: readonly string[] | null) {
  const own = ['--reporter', reporterPath('node-test.cjs')]
  const program = { package: 'borp', bin: 'borp' }
  if (files === null) return launchCommand(plan, program, [...plan.arguments, ...own])
  const { options } = parseArguments(plan.arguments, rules)
  const narrowed = { ...plan, variables: { ...plan.variables, ...withoutConfiguration } }
  return launchCommand(narrowed, program, [...options.flat(), ...own, ...fromDirectory(plan, files)])
}

/** A runner over node:test's own: it takes the same reporter. */
export const borp: TestFramework = {
  name: 'borp',
  ecosystem: 'node',
  async recognise(invocation, project) {
    const program = startedProgram(invocation)
    if (program.name !== 'borp') return null
    const { options, positionals } = parseArguments(program.arguments, rules)
    // For this option it starts itself anew, out of our hands, unless node has it already.
    const node = program.arguments.includes('--expose-gc') ? ['--expose-gc'] : []
    return planFor('borp', invocation, [...options.flat(), ...positionals], project.lockedVersion('borp'), node)
  },
  async testPaths(plan, project) {
    const parsed = parseArguments(plan.arguments, rules)
    const globs = [...parsed.positionals, ...optionValues(parsed, '-p', '--pattern')]
    return {
      tests: globsFromRoot(project, globs),
      support: [],
      configuration: presentFiles(project, configurationFiles),
    }
  },
  command,
  typed: npxCommand,
  parse: parseReport,
}
