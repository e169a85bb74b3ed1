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
import { fromDirectory, launchCommand, npxCommand, reporterPath } from './launch.ts'
import { planFor, startedProgram } from './program.ts'
import { parseReport } from './report.ts'
import type { ProjectView, TestFramework } from './types.ts'

const rules: OptionRules = {
  valued: [
    '-c',
    '--config',
    '--rootDir',
    '--roots',
    '--projects',
    '--selectProjects',
    '--ignoreProjects',
    '-t',
    '--testNamePattern',
    '--testPathPattern',
    '--testPathPatterns',
    '--testPathIgnorePatterns',
    '--testMatch',
    '--testRegex',
    '--testEnvironment',
    '--env',
    '--testTimeout',
    '-w',
    '--maxWorkers',
    '--maxConcurrency',
    '--setupFiles',
    '--setupFilesAfterEnv',
    '--shard',
    '--globalSetup',
    '--globalTeardown',
    '--preset',
    '--runner',
    '--testRunner',
    '--transform',
    '--moduleNameMapper',
    '--seed',
    '--changedSince',
    '--reporters',
    '--outputFile',
    '--coverageDirectory',
    '--coverageReporters',
    '--collectCoverageFrom',
    '--coverageProvider',
    '--coverageThreshold',
    '--coveragePathIgnorePatterns',
    '--workerIdleMemoryLimit',
  ],
  dropped: [
    '--reporters',
    '--outputFile',
    '--json',
    '--coverage',
    '--collectCoverage',
    '--coverageDirectory',
    '--coverageReporters',
    '--collectCoverageFrom',
    '--coverageProvider',
    '--coverageThreshold',
    '--coveragePathIgnorePatterns',
    '--watch',
    '--watchAll',
    '--bail',
    '-b',
    '--verbose',
    '--silent',
    '--ci',
    '-o',
    '--onlyChanged',
    '--changedSince',
    '--notify',
    '-u',
    '--updateSnapshot',
    '--color',
    '--colors',
    '--passWithNoTests',
    '--watchman',
    '--onlyFailures',
    '-f',
    '--lastCommit',
    '--showSeed',
  ],
}

const configurationFiles = withEndings('jest.config', ['js', 'ts', 'mjs', 'cjs', 'json', 'mts', 'cts'])
const keys = [
  'testMatch',
  'testRegex',
  'roots',
  'setupFiles',
  'setupFilesAfterEnv',
  'globalSetup',
  'globalTeardown',
  'snapshotResolver',
  'testEnvironment',
  'snapshotSerializers',
  'setupTestFrameworkScriptFile',
]

function namedConfiguration(given: readonly string[]): readonly string[] {
  // An inline JSON object is no file.
  return optionValues(parseArguments(given, rules), '-c', '--config').filter((name) => !name.startsWith('{'))
}

async function settingsOf(plan: TestPlan, project: ProjectView): Promise<readonly Settings[]> {
  const named = presentFiles(project, namedConfiguration(plan.arguments))
  const files = named.length > 0 ? named : presentFiles(project, configurationFiles)
  const read = await Promise.all(files.map((file) => readSettings(project, file, keys)))
  return [...read, await readManifestSettings(project, 'jest', keys)]
}

/** A regular expression has no glob: the files it matches now stand for it. */
function matchedBy(project: ProjectView, expressions: readonly string[]): readonly string[] {
  const compiled = expressions.flatMap((expression) => {
    try {
      return [new RegExp(expression)]
    } catch {
      return []
    }
  })
  const prefix = project.directory === '.' ? '' : `${project.directory}/`
  return project.paths.filter((path) => path.startsWith(prefix) && compiled.some((one) => one.test(`/${path}`)))
}

function testGlobs(project: ProjectView, settings: readonly Settings[]): readonly string[] {
  const globs = valuesOf(settings, 'testMatch').map((glob) => glob.replace(/^<rootDir>\//, ''))
  const escaped = matchedBy(project, valuesOf(settings, 'testRegex')).map((path) =>
    path.replace(/[*?{}[\]()!+@\\]/g, '\\$&'),
  )
  return [...globsFromRoot(project, globs), ...escaped]
}

const own = ['--ci', '--coverage=false', '--watchman=false', '--bail=0', `--reporters=${reporterPath('jest.cjs')}`]

function command(plan: TestPlan, files: readonly string[] | null) {
  // `jest` is a thin package over `jest-cli`; either may be the one installed.
  const program = { package: 'jest', bin: 'jest' }
  if (files === null) return launchCommand(plan, program, [...plan.arguments, ...own])
  const { options } = parseArguments(plan.arguments, { ...rules, dropped: ['--testPathPattern', '--testPathPatterns'] })
  const paths = fromDirectory(plan, files)
  return launchCommand(plan, program, [...options.flat(), ...own, '--runTestsByPath', ...paths])
}

export const jest: TestFramework = {
  name: 'jest',
  ecosystem: 'node',
  async recognise(invocation, project) {
    const program = startedProgram(invocation)
    if (program.name !== 'jest' && program.name !== 'jest-cli') return null
    const { options, positionals } = parseArguments(program.arguments, rules)
    return planFor(
      'jest',
      invocation,
      [...options.flat(), ...positionals],
      project.lockedVersion('jest') ?? project.lockedVersion('jest-cli'),
    )
  },
  async testPaths(plan, project) {
    const settings = await settingsOf(plan, project)
    const support = [
      'setupFiles',
      'setupFilesAfterEnv',
      'globalSetup',
      'globalTeardown',
      'snapshotResolver',
      'snapshotSerializers',
      'testEnvironment',
      'setupTestFrameworkScriptFile',
    ]
    return {
      tests: testGlobs(project, settings),
      support: [
        ...localModules(project, valuesOf(settings, ...support).filter(isPath)),
        posix.join(project.directory, '**/__snapshots__/**'),
      ],
      configuration: presentFiles(project, [...namedConfiguration(plan.arguments), ...configurationFiles]),
    }
  },
  command,
  typed: npxCommand,
  parse: parseReport,
}

/** `./setup`, `<rootDir>/setup`: a file of the repository, while `jsdom` is a package. */
function isPath(name: string): boolean {
  return name.startsWith('.') || name.startsWith('<rootDir>/')
}
