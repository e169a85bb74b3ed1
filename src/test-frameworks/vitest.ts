import { posix } from 'node:path'
import type { TestPlan } from '../model/index.ts'
import { type OptionRules, optionValues, parseArguments } from './arguments.ts'
import {
  globsFromRoot,
  localModules,
  presentFiles,
  readSettings,
  type Settings,
  valuesOf,
  withEndings,
} from './configuration.ts'
import { fromDirectory, launchCommand, npxCommand, reporterPath } from './launch.ts'
import { planFor, startedProgram } from './program.ts'
import { parseReport } from './report.ts'
import type { ProjectView, TestFramework } from './types.ts'

const rules: OptionRules = {
  valued: [
    '-c',
    '--config',
    '-r',
    '--root',
    '--dir',
    '--project',
    '--environment',
    '--pool',
    '--mode',
    '-t',
    '--testNamePattern',
    '--testTimeout',
    '--hookTimeout',
    '--teardownTimeout',
    '--maxConcurrency',
    '--maxWorkers',
    '--minWorkers',
    '--exclude',
    '--retry',
    '--shard',
    '--sequence',
    '--workspace',
    '--configLoader',
    '--reporter',
    '--outputFile',
    '--bail',
    '--slowTestThreshold',
    '--diff',
    '--execArgv',
    '--changed',
    '--attachmentsDir',
    '--vmMemoryLimit',
  ],
  dropped: [
    '--reporter',
    '--outputFile',
    '--coverage',
    '--watch',
    '-w',
    '--run',
    '--ui',
    '--open',
    '--bail',
    '--typecheck',
    '--silent',
    '--passWithNoTests',
    '-u',
    '--update',
    '--color',
    '--changed',
    '--inspect',
    '--inspectBrk',
    '--hideSkippedTests',
    '--standalone',
    '--browser',
    '--api',
    '--printConsoleTrace',
    '--logHeapUsage',
    '--clearScreen',
    '--attachmentsDir',
    '--slowTestThreshold',
  ],
}

const endings = ['ts', 'mts', 'cts', 'js', 'mjs', 'cjs']
/** A Vite configuration is one of the tests too: vitest reads its `test` where there is none of its own. */
const configurationFiles = [
  ...withEndings('vitest.config', endings),
  ...withEndings('vite.config', endings),
  ...withEndings('vitest.workspace', [...endings, 'json']),
  ...withEndings('vitest.projects', endings),
]
const subcommands = new Set(['run', 'watch', 'dev', 'related', 'list'])
const keys = ['include', 'setupFiles', 'globalSetup', 'globalSetupFiles', 'snapshotSerializers', 'includeSource']

async function settingsOf(plan: TestPlan, project: ProjectView): Promise<readonly Settings[]> {
  const named = optionValues(parseArguments(plan.arguments, rules), '-c', '--config')
  const files = presentFiles(project, [...named, ...configurationFiles])
  return Promise.all(files.map((file) => readSettings(project, file, keys)))
}

/** `include` of coverage and of other Vite plug-ins stands in the same files: only what looks like tests is taken. */
function looksLikeTests(glob: string): boolean {
  return /test|spec|__tests__/i.test(glob)
}

function command(plan: TestPlan, files: readonly string[] | null) {
  const own = ['--no-watch', '--no-coverage', `--reporter=${reporterPath('vitest.mjs')}`]
  const program = { package: 'vitest', bin: 'vitest' }
  if (files === null) return launchCommand(plan, program, ['run', ...plan.arguments, ...own])
  const { options } = parseArguments(plan.arguments, rules)
  return launchCommand(plan, program, ['run', ...options.flat(), ...own, ...fromDirectory(plan, files)])
}

export const vitest: TestFramework = {
  name: 'vitest',
  ecosystem: 'node',
  async recognise(invocation, project) {
    const program = startedProgram(invocation)
    if (program.name !== 'vitest') return null
    // Options may stand before the subcommand: `vitest --coverage run`.
    const { options, positionals } = parseArguments(program.arguments, rules)
    const [first = '', ...rest] = positionals
    if (first === 'bench' || first === 'typecheck' || first === 'init') return null
    const filters = subcommands.has(first) ? rest : positionals
    return planFor('vitest', invocation, [...options.flat(), ...filters], project.lockedVersion('vitest'))
  },
  async testPaths(plan, project) {
    const settings = await settingsOf(plan, project)
    const named = optionValues(parseArguments(plan.arguments, rules), '-c', '--config')
    const support = valuesOf(settings, 'setupFiles', 'globalSetup', 'globalSetupFiles', 'snapshotSerializers')
    return {
      tests: globsFromRoot(project, valuesOf(settings, 'include').filter(looksLikeTests)),
      support: [...localModules(project, support), posix.join(project.directory, '**/__snapshots__/**')],
      configuration: presentFiles(project, [...named, ...configurationFiles]),
    }
  },
  command,
  typed: npxCommand,
  parse: parseReport,
}
