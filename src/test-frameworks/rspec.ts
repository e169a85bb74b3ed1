import { posix } from 'node:path'
import { type OptionRules, optionValues, parseArguments } from './arguments.ts'
import { globsFromRoot, presentFiles } from './configuration.ts'
import { fromDirectory } from './launch.ts'
import { planFor } from './program.ts'
import { parseReport } from './report.ts'
import { requiredFiles, rubyCommand } from './ruby-launch.ts'
import type { Invocation, ProjectView, TestFramework } from './types.ts'

const rules: OptionRules = {
  valued: [
    ...['-I', '-r', '--require', '-O', '--options', '--order', '--seed', '-f', '--format', '-o', '--out', '-p', '-P'],
    ...['--pattern', '--exclude-pattern', '-e', '--example', '-E', '--example-matches', '-t', '--tag', '-g'],
    ...['--default-path', '--deprecation-out', '--failure-exit-code', '--error-exit-code', '--drb-port'],
  ],
  dropped: [
    ...['--order', '--seed', '-f', '--format', '-o', '--out', '-p', '--profile', '--deprecation-out', '-b', '-w'],
    ...['--backtrace', '--fail-fast', '--failure-exit-code', '--error-exit-code', '--color', '--colour', '-c', '--tty'],
    ...['--force-color', '--no-color', '--force-colour', '--no-colour', '--warnings', '-X', '--drb', '--drb-port'],
    ...['--only-failures', '-n', '--next-failure', '--bisect', '--dry-run', '-q'],
  ],
}

/** What `.rspec` says, as words of the command line. */
async function optionsFile(given: readonly string[], project: ProjectView) {
  const named = optionValues(parseArguments(given, rules), '-O', '--options')
  const files = presentFiles(project, named.length > 0 ? named : ['.rspec', '.rspec-local'])
  const texts = await Promise.all(files.map((file) => project.read(file)))
  const words = texts.flatMap((text) => (text ?? '').split(/\s+/)).filter((word) => word !== '')
  return { files, parsed: parseArguments(words, rules) }
}

/** `rspec`, `ruby -S rspec`, `bin/rspec`. */
function rspecArguments({ program, arguments: given }: Invocation): readonly string[] | null {
  if (posix.basename(program) === 'rspec') return given
  const at = posix.basename(program) === 'ruby' ? given.findIndex((word) => posix.basename(word) === 'rspec') : -1
  return at === -1 ? null : given.slice(at + 1)
}

export const rspec: TestFramework = {
  name: 'rspec',
  ecosystem: 'ruby',
  async recognise(invocation, project) {
    const given = rspecArguments(invocation)
    if (given === null || /^--(?:init|version|help)$|^-[vh]$/.test(given[0] ?? '')) return null
    const { options, positionals } = parseArguments(given, rules)
    const kept = [...options.flat(), ...positionals]
    return planFor('rspec', invocation, kept, project.lockedVersion('rspec-core') ?? project.lockedVersion('rspec'))
  },
  async testPaths(plan, project) {
    const { files, parsed } = await optionsFile(plan.arguments, project)
    const all = [parsed, parseArguments(plan.arguments, rules)]
    const values = (...names: readonly string[]) => all.flatMap((one) => optionValues(one, ...names))
    const [folder = 'spec'] = values('--default-path')
    const own = [...values('-I'), 'lib', folder].map((path) => `-I${path}`)
    const required = values('-r', '--require').map((name) => `-r${name}`)
    const patterns = [...values('-P', '--pattern'), ...all.flatMap((one) => one.positionals)]
    const tests =
      patterns.length === 0 ? [`${folder}/**/*_spec.rb`] : patterns.map((pattern) => specGlob(project, pattern))
    return {
      tests: globsFromRoot(project, tests),
      support: requiredFiles(project, [...own, ...required, '-rspec_helper', '-rrails_helper']),
      configuration: files,
    }
  },
  command(plan, files) {
    if (files === null) return rubyCommand(plan, 'ruby_rspec.rb', plan.arguments)
    const { options } = parseArguments(plan.arguments, { ...rules, dropped: ['-P', '--pattern'] })
    return rubyCommand(plan, 'ruby_rspec.rb', [...options.flat(), ...fromDirectory(plan, files)])
  },
  parse: parseReport,
}

/** A folder stands for the specs below it; `file:12` and `file[1:2]` for the file. */
function specGlob(project: ProjectView, pattern: string): string {
  const path = pattern.replace(/(?::\d+|\[[\d:,]+\])+$/, '')
  const inside = `${posix.join(project.directory, path)}/`
  return project.paths.some((file) => file.startsWith(inside)) ? posix.join(path, '**/*_spec.rb') : path
}
