import type { Command } from '../../model/index.ts'
import { environmentFolder } from '../places.ts'
import type { PythonProject } from './project.ts'
import { readRequirement } from './requirement-texts.ts'
import type { TestRequirements } from './test-requirements.ts'

/** The virtual environment's folder, relative to the root; in every sandbox it is found at the same place. */
export const venv = `${environmentFolder}/venv`
const venvPath = `/testbed/${venv}`
/** Where a lockfile's versions are laid, as constraints for whichever tool resolves. */
export const lockConstraints = `${environmentFolder}/locked.txt`

/**
 * `uv`: all by uv. `uv-develop`: the dependencies by uv, the project itself by the pip that came with the interpreter, for builds that know no
 * editable wheels. `pip`: all by that pip.
 */
export type Installer = 'uv' | 'uv-develop' | 'pip'

export interface InstallChoice {
  readonly installer: Installer
  /** The interpreter's version. */
  readonly python: string
  readonly requirements: TestRequirements
  /** The frameworks, where nobody states them. */
  readonly more: readonly string[]
  /** Packages that only imports tell of: their names are guessed, and an index may well lack them. */
  readonly guessed: readonly string[]
  /** Install the project itself, or only what it needs. */
  readonly project: boolean
  /** Constraints are laid at `lockConstraints`. */
  readonly locked: boolean
}

/** The commands of an install, which find the index at the gateway alone. */
export function installCommands(choice: InstallChoice, project: PythonProject, gateway: string): readonly Command[] {
  const variables = indexVariables(gateway)
  const run = (...argv: readonly string[]): Command => ({ argv, directory: '.', variables })
  const interpreter = `/env/python/bin/python${choice.python.split('.').slice(0, 2).join('.')}`
  const wanted = wantedOf(choice)
  const uv = (...given: readonly string[]) => run('uv', 'pip', 'install', ...constraintsOf(choice), ...given)
  const pip = (...given: readonly string[]) =>
    run('python', '-m', 'pip', 'install', '--no-compile', ...constraintsOf(choice), ...given)
  if (choice.installer === 'uv') {
    const own = projectOf(choice, project)
    const first = [...own, ...wanted, ...choice.more]
    const given = first.length === 0 ? [] : [...constraintsOf(choice), ...first]
    return [
      run('/bin/sh', '-c', inNewEnvironment, 'in-new-environment', interpreter, venv, ...given),
      ...guesses(run, uv, choice.guessed),
    ]
  }
  const create = creating(choice.python, run, interpreter)
  if (choice.installer === 'pip') {
    const tools = pip('--upgrade', 'pip', 'setuptools', 'wheel')
    return [
      ...[create, tools, ...pipSteps(choice, project).flatMap((given) => chunk(pip, given))],
      ...guesses(run, pip, choice.guessed),
    ]
  }
  const needs = project.installable ? metadataOf(choice, project) : []
  const own = choice.project && project.installable && !project.compiled ? [editable(run)] : []
  return [
    create,
    ...chunk(uv, ['setuptools', 'wheel', ...buildRequires(project), ...needs, ...wanted, ...choice.more]),
    ...[...own, ...guesses(run, uv, choice.guessed)],
  ]
}

/** Pips of old take no package twice in one command, whoever asks for it: what pins the most comes first, and what it brought is left as it is. */
function pipSteps(choice: InstallChoice, project: PythonProject): readonly (readonly string[])[] {
  const { files, constraints, requirements } = choice.requirements
  const constrained = constraints.flatMap((path) => ['--constraint', path])
  const steps = [
    ...files.map((path) => ['--requirement', path]),
    projectOf(choice, project),
    ...byName([...requirements, ...choice.more]),
  ]
  return steps.filter((step) => step.length > 0).map((step) => [...constrained, ...step])
}

/** Lists in which no package is named twice. */
function byName(requirements: readonly string[]): readonly (readonly string[])[] {
  const lists: { readonly names: Set<string>; readonly given: string[] }[] = []
  for (const given of requirements) {
    const name = readRequirement(given)?.name ?? given
    const list = lists.find(({ names }) => !names.has(name))
    if (list === undefined) lists.push({ names: new Set([name]), given: [given] })
    else {
      list.names.add(name)
      list.given.push(given)
    }
  }
  return lists.map(({ given }) => given)
}

/** One command, since each is a sandbox of its own. $1: the interpreter, $2: the environment's folder; then what is installed in it. */
const inNewEnvironment = `
uv venv --no-project --python "$1" "$2" || exit
shift 2
[ $# -eq 0 ] || exec uv pip install "$@"
`

/** Python 2 has no `venv`: the last virtualenv that still ran on it does the same, and is no part of the environment. */
const withVirtualenv = `
aside=$(mktemp -d)
"$1" -m pip install --no-compile --target "$aside" 'virtualenv<20.22' && PYTHONPATH=$aside "$1" -m virtualenv "$2"
`

function creating(python: string, run: (...argv: readonly string[]) => Command, interpreter: string): Command {
  return python.startsWith('2.')
    ? run('/bin/sh', '-c', withVirtualenv, 'with-virtualenv', interpreter, venv)
    : run(interpreter, '-m', 'venv', venv)
}

/** What builds the project anew in every run, without a network: the compiled parts must be those of the sources that are run. */
export function buildCommands(choice: InstallChoice, project: PythonProject): readonly Command[] {
  if (!project.compiled || !choice.project || !project.installable) return []
  if (choice.installer !== 'uv') return [editable((...argv) => ({ argv, directory: '.', variables: {} }))]
  const argv = ['uv', 'pip', 'install', '--offline', '--no-deps', '--no-build-isolation', '--editable', '.']
  return [{ argv, directory: '.', variables: { UV_NO_CONFIG: '1', UV_CACHE_DIR: '/tmp/uv-cache' } }]
}

function editable(run: (...argv: readonly string[]) => Command): Command {
  return run(
    'python',
    '-m',
    'pip',
    'install',
    '--no-compile',
    '--no-deps',
    '--no-build-isolation',
    '--no-index',
    '--editable',
    '.',
  )
}

function chunk(tool: (...given: readonly string[]) => Command, given: readonly string[]): readonly Command[] {
  return given.length === 0 ? [] : [tool(...given)]
}

/** All at once where they are all to be had, else each by itself. $1: how many words start the tool; then those, then the packages. */
const leniently = `
count=$1
shift
tool=
while [ "$count" -gt 0 ]; do
  tool="$tool $1"
  shift
  count=$((count - 1))
done
$tool "$@" && exit 0
for each; do
  $tool "$each" || echo "left out: $each, a guess from imports" >&2
done
`

function guesses(
  run: (...argv: readonly string[]) => Command,
  tool: (...given: readonly string[]) => Command,
  guessed: readonly string[],
): readonly Command[] {
  if (guessed.length === 0) return []
  const { argv } = tool()
  return [run('/bin/sh', '-c', leniently, 'leniently', String(argv.length), ...argv, ...guessed)]
}

/** The project itself. What is compiled is built in each run; here come its dependencies alone, and what builds it. */
function projectOf(choice: InstallChoice, project: PythonProject): readonly string[] {
  if (!project.installable) return []
  if (choice.project && !project.compiled) return ['--editable', withExtras('.', choice.requirements.extras)]
  const needs = choice.installer === 'pip' ? [] : metadataOf(choice, project)
  return [...needs, ...(project.compiled ? buildRequires(project) : [])]
}

/** uv reads what a project depends on without installing it. */
function metadataOf({ requirements }: InstallChoice, project: PythonProject): readonly string[] {
  const source =
    project.pyproject !== null && 'project' in project.pyproject
      ? 'pyproject.toml'
      : project.setupPy === null
        ? 'pyproject.toml'
        : 'setup.py'
  return ['--requirements', source, ...requirements.extras.flatMap((extra) => ['--extra', extra])]
}

function withExtras(target: string, extras: readonly string[]): string {
  return extras.length === 0 ? target : `${target}[${extras.join(',')}]`
}

function buildRequires(project: PythonProject): readonly string[] {
  return project.buildRequires
}

function wantedOf({ requirements }: InstallChoice): readonly string[] {
  return [
    ...requirements.files.flatMap((path) => ['--requirement', path]),
    ...requirements.constraints.flatMap((path) => ['--constraint', path]),
    ...requirements.requirements,
  ]
}

function constraintsOf({ locked }: InstallChoice): readonly string[] {
  return locked ? ['--constraint', lockConstraints] : []
}

function indexVariables(gateway: string): Readonly<Record<string, string>> {
  const index = `${gateway}/~pypi/simple`
  return {
    PIP_INDEX_URL: index,
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
    PIP_NO_INPUT: '1',
    // Its neighbour that says there is none breaks pip 18, which comes with Python 3.6.
    PIP_CACHE_DIR: '/tmp/pip-cache',
    PIP_CONFIG_FILE: '/dev/null',
    PIP_RETRIES: '1',
    UV_DEFAULT_INDEX: index,
    UV_CACHE_DIR: `/testbed/${environmentFolder}/uv-cache`,
    UV_PYTHON_DOWNLOADS: 'never',
    UV_NO_CONFIG: '1',
    UV_HTTP_TIMEOUT: '120',
  }
}

/** Variables of every command: the environment's own programs first, nothing asked, no byte code kept, dictionaries in one order. */
export function runVariables(more: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return {
    CI: 'true',
    PATH: [`${venvPath}/bin`, '/env/uv/bin', '/env/python/bin', '/usr/local/bin', '/usr/bin', '/bin'].join(':'),
    VIRTUAL_ENV: venvPath,
    LD_LIBRARY_PATH: '/env/python/lib',
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONHASHSEED: '0',
    ...more,
  }
}
