import { posix } from 'node:path'
import type { Command, TestPlan } from '../model/index.ts'
import { type OptionRules, parseArguments } from './arguments.ts'
import { presentFiles } from './configuration.ts'
import { fromDirectory } from './launch.ts'
import { planFor } from './program.ts'
import { pythonCommand } from './python-launch.ts'
import { readIni, readToml, tomlAt, wordsOf } from './python-settings.ts'
import { parseReport } from './report.ts'
import type { ProjectView, TestFramework, TestPaths } from './types.ts'

/** Which of its options are kept. */
export const pytestOptions: OptionRules = {
  valued: [
    '-k',
    '-m',
    '-p',
    '-c',
    '-o',
    '-W',
    '-r',
    '-n',
    '--config-file',
    '--override-ini',
    '--pythonwarnings',
    '--rootdir',
    '--confcutdir',
    '--import-mode',
    '--ignore',
    '--ignore-glob',
    '--deselect',
    '--tb',
    '--capture',
    '--log-level',
    '--log-cli-level',
    '--basetemp',
    '--maxfail',
    '--numprocesses',
    '--dist',
    '--maxprocesses',
    '--durations',
    '--durations-min',
    '--cov',
    '--cov-report',
    '--cov-config',
    '--cov-context',
    '--cov-fail-under',
    '--junitxml',
    '--junit-xml',
    '--junit-prefix',
    '--html',
    '--timeout',
    '--timeout-method',
    '--reruns',
    '--reruns-delay',
    '--color',
    '--splits',
    '--group',
    '--ds',
    '--doctest-glob',
    '--verbosity',
  ],
  dropped: [
    '-n',
    '-x',
    '-r',
    '-v',
    '-vv',
    '-vvv',
    '-q',
    '-qq',
    '-s',
    '--exitfirst',
    '--maxfail',
    '--numprocesses',
    '--dist',
    '--maxprocesses',
    '--boxed',
    '--forked',
    '--lf',
    '--ff',
    '--nf',
    '--sw',
    '--last-failed',
    '--failed-first',
    '--new-first',
    '--stepwise',
    '--pdb',
    '--trace',
    '--basetemp',
    '--durations',
    '--durations-min',
    '--cov',
    '--cov-report',
    '--cov-config',
    '--cov-context',
    '--cov-append',
    '--cov-branch',
    '--cov-fail-under',
    '--junitxml',
    '--junit-xml',
    '--junit-prefix',
    '--html',
    '--self-contained-html',
    '--timeout',
    '--timeout-method',
    '--reruns',
    '--reruns-delay',
    '--only-rerun',
    '--color',
    '--verbose',
    '--quiet',
    '--verbosity',
    '--show-capture',
    '--splits',
    '--group',
    '--codspeed',
    '--pastebin',
    '--flake8',
    '--pylint',
    '--mypy',
    '--black',
    '--ruff',
    '--isort',
    '--pep8',
    '--codeblocks',
    '--nbmake',
    '--benchmark-json',
    '--benchmark-save',
    '--benchmark-autosave',
    '--benchmark-compare',
  ],
}

const ownFiles = ['pytest.ini', '.pytest.ini', 'pytest.toml', '.pytest.toml', 'tox.ini']

/** pytest's own settings, from the first file that has them, as pytest looks for them: above the plan's directory too. */
export async function pytestSettings(project: ProjectView): Promise<(key: string) => readonly string[]> {
  for (const name of [...ownFiles, 'pyproject.toml', 'setup.cfg']) {
    for (const folder of foldersUp(project.directory)) {
      const path = posix.join(folder, name)
      const text = project.paths.includes(path) ? await project.read(path) : null
      const settings = text === null ? null : settingsIn(name, text)
      if (settings !== null) return settings
    }
  }
  return () => []
}

function settingsIn(name: string, text: string): ((key: string) => readonly string[]) | null {
  if (name.endsWith('.toml')) {
    const document = readToml(text)
    const table =
      tomlAt(document, 'tool', 'pytest', 'ini_options') ??
      tomlAt(document, 'tool', 'pytest') ??
      tomlAt(document, 'pytest')
    return table === undefined ? null : (key) => wordsOf(tomlAt(table, key))
  }
  const section = readIni(text).get(name === 'setup.cfg' ? 'tool:pytest' : 'pytest')
  return section === undefined ? null : (key) => wordsOf(section.get(key))
}

function foldersUp(directory: string): readonly string[] {
  return directory === '.' ? ['.'] : [directory, ...foldersUp(posix.dirname(directory))]
}

async function testPaths(plan: TestPlan, project: ProjectView): Promise<TestPaths> {
  const settings = await pytestSettings(project)
  const { positionals } = parseArguments(plan.arguments, pytestOptions)
  const named = positionals.map((each) => each.split('::', 1)[0] ?? each).filter((each) => each !== '.')
  const places = named.length > 0 ? named : settings('testpaths')
  const files = settings('python_files')
  const names = files.length === 0 ? ['test_*.py', '*_test.py'] : files
  const within = (glob: string) => posix.join(plan.directory, glob)
  const folders = places.filter((place) => !place.endsWith('.py')).map((place) => place.replace(/\/+$/, ''))
  const globs =
    folders.length === 0
      ? names.map((name) => `**/${name}`)
      : folders.flatMap((folder) => names.map((name) => `${folder}/**/${name}`))
  return {
    tests: [...globs.map(within), ...places.filter((place) => place.endsWith('.py')).map(within)],
    support: ['**/conftest.py'],
    configuration: [
      ...presentFiles(project, ownFiles),
      ...foldersUp(plan.directory)
        .map((folder) => posix.join(folder, 'tox.ini'))
        .filter((path) => project.paths.includes(path)),
    ],
  }
}

function command(plan: TestPlan, files: readonly string[] | null): Command {
  const { options } = parseArguments(plan.arguments, pytestOptions)
  // What `--pyargs` names is a module; files are no modules.
  const narrowed = options.filter(([option]) => option !== '--pyargs').flat()
  const given = files === null ? plan.arguments : [...narrowed, ...fromDirectory(plan, files)]
  return pythonCommand(plan, 'pytest', given)
}

/** pytest, with a plug-in of ours (reporters/python_pytest.py). */
export const pytest: TestFramework = {
  name: 'pytest',
  ecosystem: 'python',
  async recognise(invocation, project) {
    if (!/^(?:pytest|py\.test)(?:-?3)?$/.test(posix.basename(invocation.program))) return null
    const { options, positionals } = parseArguments(invocation.arguments, pytestOptions)
    if (
      options.some(([option]) =>
        ['--version', '--help', '-h', '--collect-only', '--co', '--fixtures'].includes(option ?? ''),
      )
    )
      return null
    return planFor('pytest', invocation, [...options.flat(), ...positionals], project.lockedVersion('pytest'))
  },
  testPaths,
  command,
  typed: (plan) => ['python', '-m', 'pytest', ...plan.arguments],
  parse: parseReport,
}
