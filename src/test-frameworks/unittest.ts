import { posix } from 'node:path'
import type { Command, TestPlan } from '../model/index.ts'
import { type OptionRules, optionValues, type ParsedArguments, parseArguments } from './arguments.ts'
import { planFor } from './program.ts'
import { pythonCommand } from './python-launch.ts'
import { parseReport } from './report.ts'
import type { TestFramework, TestPaths } from './types.ts'

const rules: OptionRules = {
  valued: ['-s', '--start-directory', '-p', '--pattern', '-t', '--top-level-directory', '-k'],
  dropped: [
    '-f',
    '--failfast',
    '-v',
    '--verbose',
    '-q',
    '--quiet',
    '-b',
    '--buffer',
    '-c',
    '--catch',
    '--locals',
    '--durations',
  ],
}

/** Files → the names of their modules below the folder that discovery takes for the top: `-t`, else where it starts. */
function modulesBelow(folder: string, files: readonly string[]): readonly string[] {
  return files.map((file) => posix.relative(folder, file).replace(/\.py$/, '').replaceAll('/', '.'))
}

/** In the order that unittest reads them in: `discover` before its options. */
function ordered({ options, positionals }: ParsedArguments): readonly string[] {
  const [first, ...others] = positionals
  return first === 'discover' ? [first, ...options.flat(), ...others] : [...options.flat(), ...positionals]
}

function command(plan: TestPlan, files: readonly string[] | null): Command {
  const { options, positionals } = parseArguments(plan.arguments, rules)
  if (files === null) return pythonCommand(plan, 'unittest', ordered({ options, positionals }), '.')
  const parsed = { options, positionals }
  const discovers = positionals[0] === 'discover' || positionals.length === 0
  const [start] = [...optionValues(parsed, '-s', '--start-directory'), ...(discovers ? positionals.slice(1) : [])]
  const [top = discovers ? (start ?? '.') : '.'] = optionValues(parsed, '-t', '--top-level-directory')
  const kept = options.filter(
    ([option = '']) => !/^(?:-[spt]|--(?:start|top-level)-directory|--pattern)(?:=|$)/.test(option),
  )
  const entry = top === '.' ? '.' : `${top}:.`
  return pythonCommand(
    plan,
    'unittest',
    [...kept.flat(), ...modulesBelow(posix.join(plan.directory, top), files)],
    entry,
  )
}

/** `python -m unittest`, by its own text runner, whose results are followed (reporters/python_unittest.py). */
export const unittest: TestFramework = {
  name: 'unittest',
  ecosystem: 'python',
  async recognise(invocation) {
    if (invocation.program !== 'unittest') return null
    return planFor('unittest', invocation, ordered(parseArguments(invocation.arguments, rules)), null)
  },
  async testPaths(plan): Promise<TestPaths> {
    const parsed = parseArguments(plan.arguments, rules)
    const [start = '.'] = [...optionValues(parsed, '-s', '--start-directory'), ...parsed.positionals.slice(1)]
    const [pattern = 'test*.py'] = optionValues(parsed, '-p', '--pattern')
    const discovers = parsed.positionals[0] === 'discover' || parsed.positionals.length === 0
    return {
      tests: discovers ? [posix.join(plan.directory, start, '**', pattern)] : [],
      support: [],
      configuration: [],
    }
  },
  command,
  typed: (plan) => ['python', '-m', 'unittest', ...plan.arguments],
  parse: parseReport,
}
