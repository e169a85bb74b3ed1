import { posix } from 'node:path'
import { seeThrough } from '../../ci/see-through.ts'
import type { CiJob, SeenCommand } from '../../ci/types.ts'
import type { TreeReader } from '../../model/index.ts'
import { parseArguments } from '../../test-frameworks/arguments.ts'
import { pytestOptions } from '../../test-frameworks/pytest.ts'
import type { Invocation } from '../../test-frameworks/types.ts'
import { type Asked, askedBy } from './ci-requirements.ts'

/** A way to run the tests: the programs that start them, and what the same job installs for them. */
export interface TestWork {
  readonly invocations: readonly Invocation[]
  readonly asked: Asked
  /** The job's own set-up; null: it is no job of a CI. */
  readonly job: CiJob | null
  readonly services: readonly string[]
  readonly from: string
}

const nothingAsked: Asked = { extras: [], groups: [], files: [], constraints: [], requirements: [] }
const mostInvocations = 4

/**
 * The ways to test, the likeliest first: the CI's jobs that test on Linux for every push, without services before those with; what tox, nox, make
 * and the like do; Django's own; and pytest, as whoever knows nothing would start it.
 */
export async function testWorks(tree: TreeReader, jobs: readonly CiJob[]): Promise<readonly TestWork[]> {
  const works: TestWork[] = []
  for (const job of jobs.filter(({ linux, everyPush }) => linux && everyPush)) {
    const seen: SeenCommand[] = []
    for (const run of job.runs) seen.push(...(await seeThrough(tree, run, job.from)))
    const work = workOf(tree, seen, job, job.from)
    if (work !== null) works.push(work)
  }
  const ordered = works.toSorted((a, b) => strangeness(a) - strangeness(b))
  return [...ordered, ...(ordered.length === 0 ? await ofTaskRunners(tree) : []), ...bare(tree)]
}

function strangeness({ services, from, job }: TestWork): number {
  const name = from.replace(/^.* job /, '')
  const isOdd =
    /pypy|doc|lint|typ(?:e|ing)|mypy|nightly|min|oldest|conda|bench|windows|macos|musl|arm|s390|cover|pyodide|wasm|downstream|integration|e2e/i.test(
      name,
    )
  return (
    services.length * 10 +
    (isOdd ? 4 : 0) +
    (/test|unit|build|ci|python|linux/i.test(name) ? 0 : 1) +
    (job?.container === null ? 0 : 1)
  )
}

async function ofTaskRunners(tree: TreeReader): Promise<readonly TestWork[]> {
  const texts = [
    ...(tree.has('tox.ini') || /^\[tool\.tox\b/m.test((await tree.read('pyproject.toml')) ?? '') ? ['tox'] : []),
    ...(tree.has('noxfile.py') ? ['nox'] : []),
    ...(tree.has('Makefile') ? ['make test', 'make check'] : []),
    ...(tree.has('justfile') ? ['just test'] : []),
  ]
  for (const text of texts) {
    const seen = await seeThrough(tree, { text, directory: '.', variables: {} }, text)
    const work = workOf(tree, seen, null, text)
    if (work !== null) return [work]
  }
  return []
}

function workOf(tree: TreeReader, seen: readonly SeenCommand[], job: CiJob | null, from: string): TestWork | null {
  const tests = seen.filter((command) => invocationOf(tree, command) !== null)
  const invocations = tests.flatMap((command) => invocationOf(tree, command) ?? [])
  const different = [...new Map(invocations.map((each) => [JSON.stringify({ ...each, from: '' }), each])).values()]
  if (different.length === 0) return null
  const own = tests[0]?.environment?.name
  const kept = tests.filter(({ environment }) => environment?.name === own)
  return {
    invocations: withoutCovered(different).slice(0, mostInvocations),
    asked: askedBy(tree, seen, kept),
    job,
    services: job?.services ?? [],
    from,
  }
}

/**
 * One job may come to the same tests several times over: by each interpreter's environment of tox, with coverage and without, all and then some of them. What another
 * runs as well, in the same folder with the same options, is not run again.
 */
function withoutCovered(invocations: readonly Invocation[]): readonly Invocation[] {
  return invocations.filter(
    (each, at) =>
      !invocations.some((other, index) => index !== at && covers(other, each) && (index < at || !covers(each, other))),
  )
}

function covers(other: Invocation, each: Invocation): boolean {
  if (other.program !== each.program || other.directory !== each.directory) return false
  const [wide, narrow] = [other, each].map((one) => parseArguments(one.arguments, pytestOptions))
  if (wide === undefined || narrow === undefined) return false
  const options = ({ options: all }: typeof wide) => JSON.stringify(all.map((option) => option.join(' ')).toSorted())
  return (
    options(wide) === options(narrow) &&
    (wide.positionals.length === 0 || narrow.positionals.every((path) => wide.positionals.includes(path)))
  )
}

/** What pytest is told about its plug-ins for other ends: a linter's run of it, a listing. */
const otherEnds =
  /^--(?:collect-only|co|fixtures|markers|version|help|doctest-glob|flake8|pylint|mypy|nbval|black|codestyle|pycodestyle|docstyle)\b/

function invocationOf(tree: TreeReader, command: SeenCommand): Invocation | null {
  const [program = '', ...given] = command.words
  if (given.some((word) => /[$`{]/.test(word)))
    return invocationOf(tree, { ...command, words: [program, ...given.filter((word) => !/[$`{]/.test(word))] })
  const common = {
    variables: variablesOf(command.variables),
    directory: command.directory,
    from: command.from,
    nodeArguments: pythonArguments(command.wrappers),
  }
  if (/^(?:pytest|py\.test)$/.test(program))
    return given.some((word) => otherEnds.test(word))
      ? null
      : { ...common, program: 'pytest', arguments: existing(tree, command.directory, given) }
  if (program === 'unittest') return { ...common, program: 'unittest', arguments: given }
  if (/^python[\d.]*$/.test(program) && given[0] === 'setup.py' && /^(?:test|pytest)$/.test(given[1] ?? ''))
    return { ...common, program: 'pytest', arguments: [], nodeArguments: ['-m'] }
  if (/^python[\d.]*$/.test(program) && /(?:^|\/)(?:manage|runtests?|run_tests?)\.py$/.test(given[0] ?? ''))
    return script(tree, common, given)
  if (program === 'django-admin' && given[0] === 'test') return { ...common, program: 'django', arguments: given }
  return null
}

function script(
  tree: TreeReader,
  common: Omit<Invocation, 'program' | 'arguments'>,
  given: readonly string[],
): Invocation | null {
  const [file = '', task] = given
  if (!tree.has(posix.join(common.directory, file))) return null
  return /manage\.py$/.test(file) && task !== 'test' ? null : { ...common, program: 'django', arguments: given }
}

/** Arguments that name files which are not there came of what a shell would have put in. */
function existing(tree: TreeReader, directory: string, given: readonly string[]): readonly string[] {
  return given.filter((word, index) => {
    if (word.startsWith('-') || (given[index - 1] ?? '').startsWith('-')) return true
    const path = posix.join(directory, word.split('::')[0] ?? word).replace(/\/$/, '')
    return (
      path === '.' ||
      given.includes('--pyargs') ||
      tree.has(path) ||
      tree.paths.some((each) => each.startsWith(`${path}/`))
    )
  })
}

/** What stood between `python` and its module; a framework that was started as one finds the working directory. */
function pythonArguments(wrappers: SeenCommand['wrappers']): readonly string[] {
  const inner = wrappers.at(-1) ?? []
  const isModule = inner.at(-1) === '-m'
  if (!/^python/.test(inner[0] ?? '')) return isModule ? ['-m'] : []
  return [
    ...inner.slice(1).filter((word) => word !== '-m' && !/^-[uBEsSI]$|^-mcoverage/.test(word)),
    ...(isModule ? ['-m'] : []),
  ]
}

/** Settings of the CI and of package managers say nothing to tests. */
function variablesOf(variables: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const kept = Object.entries(variables).filter(
    ([name, value]) =>
      !/^(?:GITHUB_|RUNNER_|PIP_|UV_|TOX|NOX|POETRY_|PDM_|CACHE|KEY_|PRE_COMMIT|COVERAGE|COVERALLS|CODECOV|DEFAULT_PYTHON|PATH$|HOME$|TMP|TEMP|XDG_|LD_|PYTHONHASHSEED$|PYTHONDONTWRITEBYTECODE$|VIRTUAL_ENV$|FORCE_COLOR$|PY_COLORS$|CIBW_|TWINE_|PYTHONSTARTUP$|PYTHONHOME$)/.test(
        name,
      ) && !/\$\{\{|\{env|\{tox/.test(value),
  )
  return Object.fromEntries(kept)
}

function bare(tree: TreeReader): readonly TestWork[] {
  const common = { variables: {}, directory: '.', nodeArguments: [], arguments: [] }
  const pytest: Invocation = { ...common, program: 'pytest', nodeArguments: ['-m'], from: 'no script says' }
  const django: Invocation = { ...common, program: 'django', arguments: ['manage.py', 'test'], from: 'manage.py' }
  const work = (invocation: Invocation) => ({
    invocations: [invocation],
    asked: nothingAsked,
    job: null,
    services: [],
    from: invocation.from,
  })
  return [...(tree.has('manage.py') ? [work(django)] : []), work(pytest)]
}
