import { expect, test } from 'vitest'
import { readHatch } from '../../src/ci/hatch.ts'
import { readNox } from '../../src/ci/nox.ts'
import { seeThrough } from '../../src/ci/see-through.ts'
import { readTox } from '../../src/ci/tox.ts'
import { memoryTree } from '../memory-tree.ts'

const see = async (
  text: string,
  files: Readonly<Record<string, unknown>>,
  variables: Readonly<Record<string, string>> = {},
) => await seeThrough(memoryTree(files), { text, directory: '.', variables }, 'ci')
const lines = async (
  text: string,
  files: Readonly<Record<string, unknown>>,
  variables: Readonly<Record<string, string>> = {},
) =>
  (await see(text, files, variables)).map(
    ({ words, directory, shell }) =>
      `${shell ? '(sh) ' : ''}${directory === '.' ? '' : `[${directory}] `}${words.join(' ')}`,
  )

const toxIni = `
[tox]
envlist = py{39,312}-django{32,42}, lint, py3.12
skipsdist = true

[base]
deps =
    pytest>=7   # newest
    -r requirements/tests.txt

[testenv]
usedevelop = True
extras = test,docs
deps =
    {[base]deps}
    django32: Django<4
    django42: Django>=4.2
    !py39: attrs
setenv =
    PYTHONPATH = {toxinidir}/src
    py312: COVERAGE_CORE = sysmon
changedir = tests
commands_pre = {envpython} -m pip check
commands =
    {envbindir}/coverage run \\
        -m pytest {posargs:--strict {toxinidir}/extra}
    - coverage report

[testenv:lint]
skip_install = true
usedevelop = false
basepython = python3.11
changedir =
commands_pre =
deps = ruff
commands = ruff check {posargs:.}
`

test('tox.ini: factors, substitutions, the environment that a command runs in', async () => {
  const files = { 'tox.ini': toxIni }
  const [run, cover] = (await see('tox -e py312-django42 -- -k "a b" -x', files)).slice(1)
  expect(run).toMatchObject({
    words: ['pytest', '-k', 'a b', '-x'],
    directory: 'tests',
    wrappers: [['coverage', 'run', '-m']],
  })
  expect(run?.from).toBe('ci › tox.ini testenv (tox -e py312-django42)')
  expect(run?.environment).toMatchObject({
    name: 'py312-django42',
    python: '3.12',
    dependencies: ['pytest>=7', '-r requirements/tests.txt', 'Django>=4.2', 'attrs'],
    extras: ['test', 'docs'],
    project: 'editable',
    variables: { PYTHONPATH: '../src', COVERAGE_CORE: 'sysmon' },
  })
  expect(cover?.words).toEqual(['coverage', 'report'])
  expect(await lines('tox -e py39-django32', files)).toContain('[tests] pytest --strict ../extra')
  expect(await lines('tox -e lint', files)).toEqual(['ruff check .'])
  expect((await readTox(memoryTree(files))).map(({ name, python, project }) => [name, python, project])).toEqual([
    ['py39-django32', '3.9', 'editable'],
    ['py39-django42', '3.9', 'editable'],
    ['py312-django32', '3.12', 'editable'],
    ['py312-django42', '3.12', 'editable'],
    ['lint', 'python3.11', 'no'],
    ['py3.12', '3.12', 'editable'],
  ])
})

test('tox alone runs what is listed: of environments that do the same the nearest', async () => {
  const names = async (text: string, variables = {}) => [
    ...new Set((await see(text, { 'tox.ini': toxIni }, variables)).map(({ environment }) => environment?.name)),
  ]
  expect(await names('tox')).toEqual(['py3.12', 'lint'])
  expect(await names('python -m tox run', { TOXENV: 'lint,py39-django32' })).toEqual(['lint', 'py39-django32'])
  expect(await names('tox -f py39 -p auto')).toEqual(['py39-django32'])
  expect(await names('uvx --with tox-uv tox -epy39-django{32,42}')).toEqual(['py39-django32'])
  expect(await names('tox -e $(date)-x')).toEqual(['py3.12', 'lint'])
  expect(await lines('tox -e py -- -x', { 'tox.ini': '[testenv]\ncommands = py.test [] y[]' })).toEqual([
    'py.test -x y[]',
  ])
  expect(await names('tox --notest')).toEqual([undefined])
})

test('tox in TOML, in setup.cfg and in a legacy text', async () => {
  const native = `
[tool.tox]
env_list = ["3.12", "types"]
[tool.tox.env_run_base]
package = "editable"
dependency_groups = ["test"]
extras = ["x"]
set_env = { A = "{env_name}", B = "{env:HOME_B:none}" }
commands = [["python", "-m", "pytest", { replace = "posargs", default = ["tests", "-q q"], extend = true }]]
[tool.tox.env.types]
skip_install = true
deps = [{ replace = "ref", of = ["tool", "x"], extend = true }, "mypy", { replace = "ref", env = "docs", key = "deps", extend = true }]
commands = [["mypy", "src"]]
[tool.tox.env.docs]
deps = ["sphinx"]`
  const [first, second] = await readTox(memoryTree({ 'pyproject.toml': native }))
  expect(first).toMatchObject({
    python: '3.12',
    project: 'editable',
    groups: ['test'],
    extras: ['x'],
    variables: { A: '3.12', B: 'none' },
    commands: ["python -m pytest tests '-q q'"],
  })
  expect(second).toMatchObject({ name: 'types', from: 'pyproject.toml env.types', dependencies: ['mypy', 'sphinx'] })
  expect(await lines('tox -e 3.12 -- a', { 'pyproject.toml': native })).toEqual(['pytest a'])
  expect(
    await lines('tox -e py', { 'setup.cfg': '[metadata]\nname=a\n[tox:tox]\nenvlist=py\n[testenv]\ncommands=pytest' }),
  ).toEqual(['pytest'])
  expect(
    await lines('tox', { 'pyproject.toml': '[tool.tox]\nlegacy_tox_ini = """\n[testenv]\ncommands = nose2\n"""' }),
  ).toEqual(['nose2'])
})

const noxfile = `
import nox
nox.options.sessions = ["lint", "tests"]
VERSIONS = ["3.9", "3.12", "pypy3.10"]
REQS = ("-r", "requirements.txt")

def common(session, *, extra=None, cov=False):
    session.install(*REQS, f"x[{extra}]" if extra else "x")
    args = ["--strict"]
    if cov:
        args += ["--cov"]
    args.append("tests")
    return args

@nox.session(python=VERSIONS, tags=["ci"])
@nox.parametrize("dj", ["3", "4"])
def tests(session, dj):
    """All of them."""
    session.install("-e", ".[test]", "--group", "dev")
    common(session, extra="y")
    with session.chdir("sub"):
        session.env["A"] = "1"
        session.run("python", "-m", "pytest", *(session.posargs or ["t"]), env={"B": "2", "C": str(dj)}, external=True)
    if session.posargs:
        return
    session.run("coverage", "report", f"--x={unknown}")

@nox.session(name="lint", venv_backend="none")
def check(session: nox.Session) -> None:
    session.run("ruff", "check")
    if not session.posargs:
        session.notify("docs")

@nox.session(default=False)
def docs(session):
    session.run(*["sphinx-build", "docs"] + ["out"])
`

test('noxfile.py: sessions, helpers, arguments; nothing of it is run', async () => {
  const files = { 'noxfile.py': noxfile }
  expect(await lines('nox -s tests-3.9 -- -k x', files)).toEqual([
    'pip install -e .[test] --group dev',
    'pip install -r requirements.txt x[y]',
    '[sub] pytest -k x',
  ])
  const [, , run] = await see('pipx run nox --session tests', files)
  expect(run?.variables).toEqual({ A: '1', B: '2' })
  expect(run?.environment).toMatchObject({
    runner: 'nox',
    name: 'tests',
    python: '3.12',
    dependencies: ['-e .[test]', '-r requirements.txt', 'x[y]'],
    groups: ['dev'],
    project: 'editable',
  })
  expect(await lines('nox', files)).toEqual([
    'ruff check',
    'sphinx-build docs out',
    'pip install -e .[test] --group dev',
    'pip install -r requirements.txt x[y]',
    '[sub] pytest t',
    '(sh) [sub] coverage report --x={unknown}',
  ])
  expect(await lines('nox -t ci -- q', files)).toContain('[sub] pytest q')
  expect((await readNox(memoryTree(files))).map(({ name, python }) => [name, python])).toEqual([
    ['tests', '3.12'],
    ['lint', null],
    ['docs', null],
  ])
})

test('hatch, pdm, poe, pixi, pipenv, Task, just: tasks in tables, with their arguments', async () => {
  const pyproject = `
[tool.hatch.envs.default]
dependencies = ["pytest", "coverage"]
features = ["all"]
[tool.hatch.envs.default.scripts]
test = "pytest {args:tests}"
cov = ["coverage run -m pytest", "- coverage report", "test -x"]
[tool.hatch.envs.types]
extra-dependencies = ["mypy"]
skip-install = true
scripts.check = "mypy {args:src}"
[tool.pdm.scripts]
test = { cmd = "pytest tests", env = { A = "1" } }
all = { composite = ["lint", "test -v"] }
lint = "ruff check"
[tool.poe.tasks]
ut.sequence = [{ cmd = "pytest" }, { ref = "fmt" }, "fmt"]
fmt = ["black"]
[tool.pixi.tasks]
unit = { cmd = "pytest", cwd = "sub", depends-on = ["build"] }
build = "maturin develop"`
  const files = {
    'pyproject.toml': pyproject,
    Pipfile: '[scripts]\ncheck = "python manage.py test"',
    'Taskfile.yml':
      'vars: { PKG: ./... }\ntasks: { test: { deps: [gen], dir: go, cmds: ["go test {{.PKG}} {{.CLI_ARGS}}", { task: lint }] }, gen: go generate, lint: { cmd: golangci-lint run } }',
    justfile: `
flags := "--all"
export RUST_LOG := "debug"
alias t := test
# the default
test *args: build (check "--tests")
    cargo test {{flags}} {{args}}
    @cargo doc
build:
  cargo build \\
    {{flags}}
[private]
check what="":
  #!/usr/bin/env bash
  set -e
  cargo check {{what}}
`,
  }
  expect(
    await lines('hatch run cov; hatch run test -k x; hatch run types:check; hatch -e types run python -V', files),
  ).toEqual(['pytest', 'coverage report', 'pytest -x', 'pytest -k x', 'mypy src', 'python -V'])
  expect((await see('hatch run types:check', files))[0]?.environment).toMatchObject({
    runner: 'hatch',
    name: 'types',
    dependencies: ['pytest', 'coverage', 'mypy'],
    project: 'no',
  })
  expect((await readHatch(memoryTree(files)))[0]).toMatchObject({
    name: 'default',
    extras: ['all'],
    project: 'editable',
  })
  expect(await lines('hatch test -- -q', {})).toEqual(['pytest -q'])
  expect(await lines('pdm run all; pdm test -x; pdm install', files)).toEqual([
    'ruff check',
    'pytest tests -v',
    'pytest tests -x',
    'pdm install',
  ])
  expect(await lines('poetry run poe ut', files)).toEqual(['pytest', 'black', 'black'])
  expect(await lines('pixi run -e dev unit -q', files)).toEqual(
    ['[sub] maturin develop', '[sub] pytest -q'].map((line) => line.replace('[sub] maturin', 'maturin')),
  )
  expect(await lines('pipenv run check', files)).toEqual(['python manage.py test'])
  expect(await lines('task test -- -race', files)).toEqual([
    'go generate',
    '[go] go test ./... -race',
    'golangci-lint run',
  ])
  expect(await lines('just t --lib', files)).toEqual([
    'cargo build --all',
    'cargo check --tests',
    'cargo test --all',
    'cargo doc',
  ])
  expect((await see('just test a b', files)).map(({ words }) => words.join(' '))).toContain('cargo test --all a b')
})

test('what is broken or calls itself ends, and throws nothing', async () => {
  const text = '\0[tox\n= 3\n[testenv]\ncommands = {[testenv]commands}\n  {posargs:{posargs:{'
  const files = {
    'tox.ini': `[tox]\nenvlist = ${'{a,b}'.repeat(30)}\n[testenv]\ndeps = {[testenv:x]deps}\ncommands = tox -e a\n  {[testenv]commands}{[testenv]commands}\n[testenv:x]\ndeps = {[testenv]deps}`,
    'noxfile.py': `import nox\n@nox.session\ndef a(session):\n  b(session)\n  b(session)\ndef b(session):\n  a(session)\n  b(session)\n  session.run(${'('.repeat(3000)}\n`,
    'pyproject.toml':
      '[tool.pdm.scripts]\na = { composite = ["b", "b"] }\nb = { composite = ["a", "a"] }\n[tool.hatch.envs.default.scripts]\na = ["b", "b"]\nb = ["a", "a"]',
    justfile: 'a: b\n  just b\nb: a\n  just a a\n',
    'Taskfile.yml': 'tasks: { a: { deps: [a], cmds: [{ task: a }, { task: a }] }, b: 3 }',
    Makefile: 'a: a\n\tmake a\n%:\n\techo $(A$(B\nA=$(A)$(A)\n',
  }
  const found = await see(
    'tox; tox -e a; nox; nox -s a; pdm run a; hatch run a; just a; task a; make a; echo end',
    files,
  )
  expect(found.at(-1)?.words).toEqual(['echo', 'end'])
  expect(await readTox(memoryTree({ 'tox.ini': text }))).toEqual([])
  expect(await readNox(memoryTree({ 'noxfile.py': 'x' }))).toEqual([])
  expect(await readHatch(memoryTree({ 'pyproject.toml': '= broken' }))).toEqual([])
})
