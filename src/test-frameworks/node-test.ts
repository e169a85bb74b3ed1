import type { Command, TestPlan } from '../model/index.ts'
import { type OptionRules, optionValues, parseArguments } from './arguments.ts'
import { globsFromRoot, localModules } from './configuration.ts'
import { usesModule } from './imports.ts'
import { fromDirectory, nodeCommand, reporterPath } from './launch.ts'
import { planFor, startedProgram } from './program.ts'
import { parseReport } from './report.ts'
import type { Invocation, ProjectView, TestFramework } from './types.ts'

const rules: OptionRules = {
  valued: [
    '-r',
    '--require',
    '--import',
    '--loader',
    '--experimental-loader',
    '-C',
    '--conditions',
    '--env-file',
    '--env-file-if-exists',
    '--test-reporter',
    '--test-reporter-destination',
    '--test-name-pattern',
    '--test-skip-pattern',
    '--test-concurrency',
    '--test-timeout',
    '--test-shard',
    '--test-isolation',
    '--experimental-test-isolation',
    '--test-global-setup',
    '--test-coverage-include',
    '--test-coverage-exclude',
    '--test-coverage-lines',
    '--test-coverage-branches',
    '--test-coverage-functions',
    '--experimental-default-type',
    '--input-type',
    '--stack-trace-limit',
  ],
  dropped: [
    '--test-reporter',
    '--test-reporter-destination',
    '--watch',
    '--experimental-test-coverage',
    '--test-coverage-include',
    '--test-coverage-exclude',
    '--test-coverage-lines',
    '--test-coverage-branches',
    '--test-coverage-functions',
    '--inspect',
    '--inspect-brk',
    '--test-update-snapshots',
    '--test-only',
  ],
}

const nodeTest = 'node:test'

/** `node`'s arguments may stand before or after what the ecosystem took for the program's. */
function parsedArguments(invocation: Invocation) {
  return parseArguments([...invocation.nodeArguments, ...invocation.arguments], rules)
}

async function usesNodeTest(project: ProjectView, files: readonly string[]): Promise<boolean> {
  for (const file of files)
    if ((await usesModule(project, file, nodeTest)) || (await usesModule(project, file, 'test'))) return true
  return false
}

const reporter = [`--test-reporter=${reporterPath('node-test.cjs')}`, '--test-reporter-destination=stdout']

function command(plan: TestPlan, files: readonly string[] | null): Command {
  const { options, positionals } = parseArguments(plan.arguments, rules)
  const wanted = files === null ? positionals : fromDirectory(plan, files)
  const isRunner = files !== null || options.some(([option]) => option === '--test')
  const given = [
    ...reporter,
    ...options.flat().filter((option) => option !== '--test'),
    ...(isRunner ? ['--test'] : []),
  ]
  const started = nodeCommand(plan, [...given, ...wanted])
  return wanted.some((name) => /[*?{[]/.test(name)) ? expandingGlobs(plan, started, wanted) : started
}

/** Not every version of node's runner expands globs itself; a script's shell did. The guard of the report goes to the process that reports. */
function expandingGlobs(plan: TestPlan, started: Command, globs: readonly string[]): Command {
  const own = started.argv.slice(1, started.argv.length - globs.length)
  const argv = ['node', reporterPath('expand-globs.cjs'), String(own.length), ...own, ...globs]
  return { argv, directory: plan.directory, variables: plan.variables }
}

export const nodeTestFramework: TestFramework = {
  name: 'node-test',
  ecosystem: 'node',
  async recognise(invocation, project) {
    if (startedProgram(invocation).name !== 'node') return null
    const { options, positionals } = parsedArguments(invocation)
    const isRunner = options.some(([option]) => option === '--test')
    if (!isRunner && !(positionals.length > 0 && (await usesNodeTest(project, positionals.slice(0, 1))))) return null
    const bare = { ...invocation, nodeArguments: [] }
    return planFor('node-test', bare, [...options.flat(), ...positionals], null)
  },
  async testPaths(plan, project) {
    const parsed = parseArguments(plan.arguments, rules)
    const folders = parsed.positionals.map((name) => {
      const isFolder = !/[*?{[]/.test(name) && localModules(project, [name]).length === 0
      return isFolder ? `${name.replace(/\/$/, '')}/**` : name
    })
    const loaded = optionValues(
      parsed,
      '-r',
      '--require',
      '--import',
      '--loader',
      '--experimental-loader',
      '--test-global-setup',
    )
    const local = loaded.filter((name) => name.startsWith('.'))
    return { tests: globsFromRoot(project, folders), support: localModules(project, local), configuration: [] }
  },
  command,
  typed: (plan) => ['node', ...plan.arguments],
  parse: parseReport,
}
