import { posix } from 'node:path'
import type { TestPlan } from '../model/index.ts'
import { type OptionRules, optionValues, parseArguments } from './arguments.ts'
import { globsFromRoot, localModules } from './configuration.ts'
import { usesModule } from './imports.ts'
import { fromDirectory, launchCommand, nodeCommand, npxCommand, reporterPath } from './launch.ts'
import { planFor, startedProgram } from './program.ts'
import { parseReport } from './report.ts'
import type { TestFramework } from './types.ts'

const rules: OptionRules = {
  valued: ['-r', '--require', '-i', '--ignore', '--ignore-pattern'],
  dropped: [],
}

/** A plan's first argument tells how tape is started: by its own program, or by `node` on a file that requires it. */
const byNode = 'node'

function command(plan: TestPlan, files: readonly string[] | null) {
  const [how, ...given] = plan.arguments
  const preloaded: TestPlan = { ...plan, nodeArguments: ['--require', reporterPath('tape.cjs'), ...plan.nodeArguments] }
  const narrowed = files === null ? null : fromDirectory(plan, files)
  if (how === byNode && narrowed === null) return nodeCommand(preloaded, given)
  if (how === byNode) return launchCommand(preloaded, { package: 'tape', bin: 'tape' }, narrowed ?? [])
  const all = how === undefined ? given : [how, ...given]
  const parsed = parseArguments(all, rules)
  const kept = narrowed === null ? all : [...parsed.options.flat(), ...narrowed]
  return launchCommand(preloaded, { package: 'tape', bin: 'tape' }, kept)
}

export const tape: TestFramework = {
  name: 'tape',
  ecosystem: 'node',
  async recognise(invocation, project) {
    const program = startedProgram(invocation)
    const version = project.lockedVersion('tape')
    if (program.name === 'tape') return planFor('tape', invocation, program.arguments, version)
    const [entry] = program.arguments
    if (program.name !== 'node' || entry === undefined || !(await usesModule(project, entry, 'tape'))) return null
    return planFor('tape', invocation, [byNode, ...program.arguments], version)
  },
  async testPaths(plan, project) {
    const parsed = parseArguments(plan.arguments, rules)
    const required = optionValues(parsed, '-r', '--require')
    const entries = parsed.positionals.filter((name) => name !== byNode)
    const globs = entries.flatMap((name) =>
      /[*?{[]/.test(name)
        ? [name]
        : localModules(project, [name]).map((path) => posix.relative(project.directory, path)),
    )
    return { tests: globsFromRoot(project, globs), support: localModules(project, required), configuration: [] }
  },
  command,
  typed: npxCommand,
  parse: parseReport,
}
