import type { TestPlan } from '../model/index.ts'
import { type OptionRules, optionValues, parseArguments } from './arguments.ts'
import { globsFromRoot, localModules } from './configuration.ts'
import { usesModule } from './imports.ts'
import { fromDirectory, nodeCommand, reporterPath } from './launch.ts'
import { planFor, startedProgram } from './program.ts'
import { parseReport } from './report.ts'
import type { Invocation, ProjectView, TestFramework } from './types.ts'

const rules: OptionRules = {
  valued: [
    '-r', '--require', '--import', '--loader', '--experimental-loader', '-C', '--conditions', '--env-file', '--env-file-if-exists',
    '--test-reporter', '--test-reporter-destination', '--test-name-pattern', '--test-skip-pattern', '--test-concurrency',
    '--test-timeout', '--test-shard', '--test-isolation', '--experimental-test-isolation', '--test-global-setup',
    '--test-coverage-include', '--test-coverage-exclude', '--test-coverage-lines', '--test-coverage-branches',
    '--test-coverage-functions', '--experimental-default-type', '--input-type', '--stack-trace-limit',
  ],
  dropped: [
    '--test-reporter', '--test-reporter-destination', '--watch', '--experimental-test-coverage', '--test-coverage-include',
    '--test-coverage-exclude', '--test-coverage-lines', '--test-coverage-branches', '--test-coverage-functions', '--inspect',
    '--inspect-brk', '--test-update-snapshots', '--test-only',
  ],
}

const nodeTest = 'node:test'

/** `node`'s arguments may stand before or after what the ecosystem took for the program's. */
function parsedArguments(invocation: Invocation) {
  return parseArguments([...invocation.nodeArguments, ...invocation.arguments], rules)
}

async function usesNodeTest(project: ProjectView, files: readonly string[]): Promise<boolean> {
  for (const file of files) if ((await usesModule(project, file, nodeTest)) || (await usesModule(project, file, 'test'))) return true
  return false
}

function command(plan: TestPlan, files: readonly string[] | null) {
  const { options, positionals } = parseArguments(plan.arguments, rules)
  const reporter = [`--test-reporter=${reporterPath('node-test.cjs')}`, '--test-reporter-destination=stdout']
  const given = [...reporter, ...options.flat()]
  const wanted = files === null ? positionals : fromDirectory(plan, files)
  const runner = given.includes('--test') || files === null ? given : [...given, '--test']
  if (!wanted.some((name) => /[*?{[]/.test(name))) return nodeCommand(plan, [...runner, ...wanted])
  return nodeCommand(plan, [reporterPath('expand-globs.cjs'), String(runner.length), ...runner, ...wanted])
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
    const loaded = optionValues(parsed, '-r', '--require', '--import', '--loader', '--experimental-loader', '--test-global-setup')
    const local = loaded.filter((name) => name.startsWith('.'))
    return { tests: globsFromRoot(project, folders), support: localModules(project, local), configuration: [] }
  },
  command,
  parse: parseReport,
}
