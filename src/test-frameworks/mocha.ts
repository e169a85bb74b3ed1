import type { TestPlan } from '../model/index.ts'
import { type OptionRules, optionValues, type ParsedArguments, parseArguments } from './arguments.ts'
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
    '--config',
    '--package',
    '--opts',
    '-R',
    '--reporter',
    '-O',
    '--reporter-options',
    '--reporter-option',
    '-r',
    '--require',
    '--file',
    '--spec',
    '--extension',
    '--watch-extensions',
    '--ignore',
    '--exclude',
    '-g',
    '--grep',
    '-f',
    '--fgrep',
    '-t',
    '--timeout',
    '--timeouts',
    '-s',
    '--slow',
    '-u',
    '--ui',
    '--retries',
    '-j',
    '--jobs',
    '-n',
    '--node-option',
    '--watch-files',
    '--watch-ignore',
    '--global',
    '--globals',
    '--compilers',
    '--import',
    '--loader',
    '--experimental-loader',
  ],
  dropped: [
    '-R',
    '--reporter',
    '-O',
    '--reporter-options',
    '--reporter-option',
    '-b',
    '--bail',
    '-w',
    '--watch',
    '--watch-files',
    '--watch-ignore',
    '-G',
    '--growl',
    '--inspect',
    '--inspect-brk',
    '-C',
    '--colors',
    '--color',
    '-c',
    '--no-colors',
    '--diff',
  ],
}

const configurationFiles = withEndings('.mocharc', ['js', 'cjs', 'mjs', 'yaml', 'yml', 'json', 'jsonc'])

/** Mocha hands these to node, for which it starts a second process; we give them to node at once. */
const forNode =
  /^--(?:experimental-|harmony|expose[-_]gc|enable-source-maps|import$|import=|loader$|loader=|no-warnings|trace-|max-|stack-|conditions)/

function splitForNode(parsed: ParsedArguments): { node: readonly string[]; own: readonly string[] } {
  const isForNode = (option: readonly string[]) => forNode.test(option[0] ?? '')
  const node = parsed.options.filter(isForNode).flat()
  const own = parsed.options.filter((option) => !isForNode(option)).flat()
  return { node, own: [...own, ...parsed.positionals] }
}

async function settingsOf(given: readonly string[], project: ProjectView): Promise<readonly Settings[]> {
  const keys = ['spec', 'require', 'file', 'node-option', 'n', 'import', 'opts']
  const named = optionValues(parseArguments(given, rules), '--config')
  const files = presentFiles(project, [...named, ...configurationFiles])
  const read = await Promise.all(files.map((file) => readSettings(project, file, keys)))
  return [...read, await readManifestSettings(project, 'mocha', keys), await readOptsFile(given, project)]
}

/** `test/mocha.opts`, up to mocha 7: command-line arguments in a file. */
async function readOptsFile(given: readonly string[], project: ProjectView): Promise<Settings> {
  const [file] = optsFiles(given, project)
  const text = file === undefined ? null : await project.read(file)
  if (text === null) return new Map()
  const words = text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join(' ')
    .split(/\s+/)
    .filter((word) => word !== '')
  const parsed = parseArguments(words, rules)
  return new Map([
    ['spec', parsed.positionals],
    ['require', optionValues(parsed, '--require', '-r')],
    ['file', optionValues(parsed, '--file')],
  ])
}

function optsFiles(given: readonly string[], project: ProjectView): readonly string[] {
  const named = optionValues(parseArguments(given, rules), '--opts')
  return presentFiles(project, named.length > 0 ? named : ['test/mocha.opts'])
}

/** A spec may be a folder: mocha then takes the files right in it, or with `--recursive` below it. */
function specGlobs(project: ProjectView, specs: readonly string[]): readonly string[] {
  return globsFromRoot(project, specs).map((spec) => {
    const folder = spec.replace(/\/$/, '')
    const isFolder = project.paths.some((path) => path.startsWith(`${folder}/`))
    return isFolder ? `${folder}/**` : spec
  })
}

function nodeOptions(settings: readonly Settings[]): readonly string[] {
  const flags = valuesOf(settings, 'node-option', 'n').map((option) =>
    option.startsWith('-') ? option : `--${option}`,
  )
  return [...flags, ...valuesOf(settings, 'import').map((module) => `--import=${module}`)]
}

function command(plan: TestPlan, files: readonly string[] | null) {
  const parsed = parseArguments(plan.arguments, { ...rules, dropped: ['--spec'] })
  const own = ['--reporter', reporterPath('mocha.cjs')]
  const program = { package: 'mocha', bin: '_mocha' }
  if (files === null) return launchCommand(plan, program, [...plan.arguments, ...own])
  return launchCommand(plan, program, [
    ...parsed.options.flat(),
    ...own,
    '--quarry-only',
    ...fromDirectory(plan, files),
  ])
}

export const mocha: TestFramework = {
  name: 'mocha',
  ecosystem: 'node',
  async recognise(invocation, project) {
    const program = startedProgram(invocation)
    if (program.name !== 'mocha' && program.name !== '_mocha') return null
    const { node, own } = splitForNode(parseArguments(program.arguments, rules))
    const configured = nodeOptions(await settingsOf(own, project))
    return planFor('mocha', invocation, own, project.lockedVersion('mocha'), [...node, ...configured])
  },
  async testPaths(plan, project) {
    const parsed = parseArguments(plan.arguments, rules)
    const settings = await settingsOf(plan.arguments, project)
    const specs = [...parsed.positionals, ...optionValues(parsed, '--spec'), ...valuesOf(settings, 'spec')]
    const loaded = [...optionValues(parsed, '--require', '-r', '--file'), ...valuesOf(settings, 'require', 'file')]
    return {
      tests: specGlobs(project, specs),
      support: localModules(project, loaded),
      configuration: [
        ...presentFiles(project, [...optionValues(parsed, '--config'), ...configurationFiles]),
        ...optsFiles(plan.arguments, project),
      ],
    }
  },
  command,
  typed: npxCommand,
  parse: parseReport,
}
