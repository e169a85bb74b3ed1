import type { TestPlan } from '../model/index.ts'
import { type OptionRules, optionValues, parseArguments } from './arguments.ts'
import { globsFromRoot, presentFiles, readSettings, type Settings, valuesOf, withEndings } from './configuration.ts'
import { fromDirectory, launchCommand, npxCommand, reporterPath } from './launch.ts'
import { planFor, startedProgram } from './program.ts'
import { parseReport } from './report.ts'
import type { ProjectView, TestFramework } from './types.ts'

/** Jasmine takes a value only after `=`. */
const rules: OptionRules = {
  valued: [],
  dropped: [
    '--reporter',
    '--fail-fast',
    '--stop-on-failure',
    '--stop-spec-on-expectation-failure',
    '--no-color',
    '--color',
    '--verbose',
  ],
}
const configurationFiles = ['spec/support/jasmine', 'jasmine'].flatMap((name) =>
  withEndings(name, ['json', 'js', 'mjs', 'cjs']),
)

async function settingsOf(plan: TestPlan, project: ProjectView): Promise<readonly Settings[]> {
  const named = optionValues(parseArguments(plan.arguments, rules), '--config')
  const files = presentFiles(project, [...named, ...configurationFiles])
  return Promise.all(files.map((file) => readSettings(project, file, ['spec_dir', 'spec_files', 'helpers'])))
}

function command(plan: TestPlan, files: readonly string[] | null) {
  // The order is fixed so that runs can be compared; its randomness is off by default up to version 2 alone.
  const own = ['--random=false', `--helper=${reporterPath('jasmine.cjs')}`]
  const { options } = parseArguments(plan.arguments, rules)
  const given = files === null ? plan.arguments : [...options.flat(), ...fromDirectory(plan, files)]
  return launchCommand(plan, { package: 'jasmine', bin: 'jasmine' }, [...own, ...given])
}

export const jasmine: TestFramework = {
  name: 'jasmine',
  ecosystem: 'node',
  async recognise(invocation, project) {
    const program = startedProgram(invocation)
    if (program.name !== 'jasmine' || program.arguments[0] === 'init') return null
    const { options, positionals } = parseArguments(program.arguments, rules)
    return planFor('jasmine', invocation, [...options.flat(), ...positionals], project.lockedVersion('jasmine'))
  },
  async testPaths(plan, project) {
    const parsed = parseArguments(plan.arguments, rules)
    const settings = await settingsOf(plan, project)
    const [folder = 'spec'] = valuesOf(settings, 'spec_dir')
    const within = (globs: readonly string[]) =>
      globs.filter((glob) => !glob.startsWith('!')).map((glob) => `${folder}/${glob}`)
    return {
      tests: globsFromRoot(project, [...parsed.positionals, ...within(valuesOf(settings, 'spec_files'))]),
      support: globsFromRoot(project, [...within(valuesOf(settings, 'helpers')), ...optionValues(parsed, '--helper')]),
      configuration: presentFiles(project, [...optionValues(parsed, '--config'), ...configurationFiles]),
    }
  },
  command,
  typed: npxCommand,
  parse: parseReport,
}
