import { posix } from 'node:path'
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
  withEndings,
} from './configuration.ts'
import { fromDirectory, launchCommand, npxCommand } from './launch.ts'
import { planFor, startedProgram } from './program.ts'
import { parseReport } from './report.ts'
import type { ProjectView, TestFramework } from './types.ts'

const rules: OptionRules = {
  valued: [
    '-c',
    '--concurrency',
    '--config',
    '-m',
    '--match',
    '-T',
    '--timeout',
    '--node-arguments',
    '-r',
    '--require',
  ],
  dropped: [
    '-t',
    '--tap',
    '-v',
    '--verbose',
    '-w',
    '--watch',
    '--fail-fast',
    '-u',
    '--update-snapshots',
    '--color',
    '--reset-cache',
  ],
}
const configurationFiles = withEndings('ava.config', ['js', 'cjs', 'mjs'])
const keys = ['files', 'require', 'sources', 'snapshotDir']

async function settingsOf(plan: TestPlan, project: ProjectView): Promise<readonly Settings[]> {
  const named = optionValues(parseArguments(plan.arguments, rules), '--config')
  const files = presentFiles(project, [...named, ...configurationFiles])
  const read = await Promise.all(files.map((file) => readSettings(project, file, keys)))
  return [...read, await readManifestSettings(project, 'ava', keys)]
}

function command(plan: TestPlan, files: readonly string[] | null) {
  // So a snapshot that is not there fails its test instead of being written, as on a CI machine.
  const variables = { ...plan.variables, AVA_FORCE_CI: 'ci' }
  const { options } = parseArguments(plan.arguments, rules)
  const given = files === null ? plan.arguments : [...options.flat(), ...fromDirectory(plan, files)]
  return launchCommand({ ...plan, variables }, { package: 'ava', bin: 'ava' }, ['--no-fail-fast', ...given])
}

export const ava: TestFramework = {
  name: 'ava',
  ecosystem: 'node',
  async recognise(invocation, project) {
    const program = startedProgram(invocation)
    if (program.name !== 'ava') return null
    const { options, positionals } = parseArguments(program.arguments, rules)
    return planFor('ava', invocation, [...options.flat(), ...positionals], project.lockedVersion('ava'))
  },
  async testPaths(plan, project) {
    const parsed = parseArguments(plan.arguments, rules)
    const settings = await settingsOf(plan, project)
    const required = [...valuesOf(settings, 'require'), ...optionValues(parsed, '-r', '--require')]
    const snapshots = valuesOf(settings, 'snapshotDir').map((folder) => `${folder}/**`)
    return {
      tests: globsFromRoot(project, [...parsed.positionals, ...valuesOf(settings, 'files')]),
      support: [
        ...localModules(project, required),
        ...globsFromRoot(project, snapshots),
        posix.join(project.directory, '**/*.snap'),
      ],
      configuration: presentFiles(project, [...optionValues(parsed, '--config'), ...configurationFiles]),
    }
  },
  command,
  typed: npxCommand,
  parse: parseReport,
}
