import type { TestPlan } from '../model/index.ts'
import { type OptionRules, optionValues, parseArguments } from './arguments.ts'
import {
  globsFromRoot,
  localModules,
  presentFiles,
  readManifestSettings,
  readSettings,
  type Settings,
  valuesOf,
} from './configuration.ts'
import { fromDirectory, launchCommand, npxCommand } from './launch.ts'
import { planFor, startedProgram } from './program.ts'
import { parseTapReport } from './tap-lines.ts'
import type { ProjectView, TestFramework } from './types.ts'

const rules: OptionRules = {
  valued: [
    '-j',
    '--jobs',
    '-t',
    '--timeout',
    '-R',
    '--reporter',
    '-o',
    '--output-file',
    '-d',
    '--output-dir',
    '--before',
    '--after',
    '--node-arg',
    '--test-arg',
    '--test-env',
    '--test-regex',
    '--test-ignore',
    '--files',
    '--plugin',
    '-g',
    '--grep',
    '-i',
    '--include',
    '-x',
    '--exclude',
    '--coverage-report',
    '--coverage-map',
    '--reporter-arg',
    '--reporter-file',
    '--branches',
    '--functions',
    '--lines',
    '--statements',
    '--nyc-arg',
    '--typecheck',
  ],
  dropped: [
    '-R',
    '--reporter',
    '--reporter-arg',
    '--reporter-file',
    '-o',
    '--output-file',
    '-d',
    '--output-dir',
    '-b',
    '--bail',
    '-w',
    '--watch',
    '--coverage',
    '--cov',
    '--coverage-report',
    '--coverage-map',
    '--check-coverage',
    '--100',
    '--branches',
    '--functions',
    '--lines',
    '--statements',
    '--nyc-arg',
    '--browser',
    '--show-full-coverage',
    '--allow-incomplete-coverage',
    '-S',
    '--snapshot',
    '--allow-empty-coverage',
    '--disable-coverage',
    '--color',
    '-c',
    '--changed',
    '-n',
    '-s',
    '--save',
    '--omit-process-info-on-pass',
  ],
}

const configurationFiles = ['.taprc', '.taprc.yml', '.taprc.yaml']
const keys = ['files', 'test-files', 'include', 'before', 'after', 'snapshot-file']

async function settingsOf(project: ProjectView): Promise<readonly Settings[]> {
  const files = presentFiles(project, configurationFiles)
  const read = await Promise.all(files.map((file) => readSettings(project, file, keys)))
  return [...read, await readManifestSettings(project, 'tap', keys)]
}

function command(plan: TestPlan, files: readonly string[] | null) {
  const { options } = parseArguments(plan.arguments, rules)
  const given = files === null ? plan.arguments : [...options.flat(), ...fromDirectory(plan, files)]
  return launchCommand(plan, { package: 'tap', bin: 'tap' }, given)
}

export const tap: TestFramework = {
  name: 'tap',
  ecosystem: 'node',
  async recognise(invocation, project) {
    const program = startedProgram(invocation)
    if (program.name !== 'tap') return null
    const { options, positionals } = parseArguments(program.arguments, rules)
    const files = positionals[0] === 'run' ? positionals.slice(1) : positionals
    return planFor('tap', invocation, [...options.flat(), ...files], project.lockedVersion('tap'))
  },
  async testPaths(plan, project) {
    const parsed = parseArguments(plan.arguments, rules)
    const settings = await settingsOf(project)
    return {
      tests: globsFromRoot(project, [...parsed.positionals, ...valuesOf(settings, 'files', 'test-files', 'include')]),
      support: [
        ...localModules(project, [
          ...optionValues(parsed, '--before', '--after'),
          ...valuesOf(settings, 'before', 'after'),
        ]),
        ...globsFromRoot(project, ['**/tap-snapshots/**']),
      ],
      configuration: presentFiles(project, configurationFiles),
    }
  },
  command,
  typed: npxCommand,
  parse: parseTapReport,
}
