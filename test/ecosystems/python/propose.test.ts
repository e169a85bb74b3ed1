import { maxSatisfying } from '@renovatebot/pep440'
import { describe, expect, test } from 'vitest'
import { python } from '../../../src/ecosystems/python/index.ts'
import type { Proposal, ToolVersions } from '../../../src/ecosystems/types.ts'
import { recognises } from '../../../src/test-frameworks/index.ts'
import { memoryTree } from '../../memory-tree.ts'

const versions: Readonly<Record<string, readonly string[]>> = {
  python: ['2.7.18', '3.6.15', '3.8.18', '3.9.18', '3.10.13', '3.11.7', '3.12.1'],
  uv: ['0.8.1', '0.9.30', '0.13.0'],
}
const tools: ToolVersions = {
  resolveVersion: async (name, wanted) => maxSatisfying([...(versions[name] ?? [])], wanted),
}

async function propose(
  files: Readonly<Record<string, string>>,
  mergedAt = '2023-12-01',
  tag: string | null = null,
): Promise<readonly Proposal[]> {
  return python.propose({
    tree: memoryTree(files),
    changedPaths: [],
    testPaths: [],
    mergedAt: new Date(mergedAt),
    tag,
    tools,
    recognises,
    gateway: 'http://127.0.0.1:4873',
  })
}
const first = async (...given: Parameters<typeof propose>) => {
  const [proposal] = await propose(...given)
  if (proposal === undefined) throw new Error('nothing is proposed')
  return proposal
}
const commandsOf = ({ strategy }: Proposal) => strategy.install.map(({ argv }) => argv.join(' '))
const project = (more = '') =>
  `[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n[project]\nname = "cart"\n${more}`
const workflow = (steps: string, matrix = '["3.8", "3.11", "3.13-dev", "pypy3.9"]') =>
  `on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    strategy: { matrix: { py: ${matrix} } }\n    steps:\n      - uses: actions/setup-python@v5\n        with: { python-version: '\${{ matrix.py }}' }\n${steps}`

describe('which Python', () => {
  test.each([
    ['what a file pins', { '.python-version': '3.9.1\n', 'setup.py': '' }, '3.9.18', '.python-version'],
    [
      'the newest stable one that the CI tests',
      { 'pyproject.toml': project(), '.github/workflows/ci.yml': workflow('      - run: pytest\n') },
      '3.11.7',
      'job test',
    ],
    [
      'the newest classifier',
      { 'setup.py': "'Programming Language :: Python :: 3.8', 'Programming Language :: Python :: 3.9'" },
      '3.9.18',
      'classifiers',
    ],
    [
      'the newest of the day within the range',
      { 'pyproject.toml': project('requires-python = ">=3.8,<3.12"\n') },
      '3.11.7',
      'requires-python >=3.8,<3.12',
    ],
    [
      "Poetry's range",
      { 'pyproject.toml': '[tool.poetry]\nname = "cart"\n[tool.poetry.dependencies]\npython = "~3.10"\n' },
      '3.10.13',
      'requires-python',
    ],
  ])('%s', async (_what, files, version, from) => {
    const { strategy } = await first(files as Readonly<Record<string, string>>)
    expect(strategy.toolchain.python).toBe(version)
    expect(strategy.evidence[0]).toContain(from)
  })

  test('the next above what is named, before a Python 2 that is named as well', async () => {
    const names = ['2.7', '3.4', '3.5'].map((version) => `'Programming Language :: Python :: ${version}'`).join(', ')
    const choices = await propose({ 'setup.py': names }, '2017-05-01')
    expect(choices[0]?.strategy.evidence[0]).toBe('python 3.6.15 ← the next here above 3.5, classifiers')
    const [old] = await propose({ 'setup.py': "'Programming Language :: Python :: 2.7'" }, '2017-05-01')
    expect(old?.strategy.toolchain.python).toBe('2.7.18')
    expect(old && commandsOf(old)[0]).toContain('virtualenv<20.22')
  })

  test('one that was not out by then is none', async () => {
    expect((await first({ 'setup.py': '' }, '2021-05-01')).strategy.toolchain.python).toBe('3.9.18')
  })

  test('a needed one that the machine lacks is named', async () => {
    const proposals = await propose({ 'pyproject.toml': project('requires-python = ">=3.14"\n') })
    expect(proposals.map(({ unfollowed }) => unfollowed)).toEqual([
      { reason: 'toolchain-not-available', evidence: { detail: 'python >=3.14' } },
    ])
  })
})

describe('what is installed', () => {
  test('the versions of any lockfile, for what the manifests ask for', async () => {
    const lock = (name: string) =>
      `[[package]]\nname = "${name}"\nversion = "1.2"\n[[package]]\nname = "cart"\nversion = "0.1"\n[package.source]\neditable = "."\n`
    for (const path of ['uv.lock', 'poetry.lock', 'pdm.lock']) {
      const proposal = await first({
        'pyproject.toml': project(
          '[dependency-groups]\ntests = ["pytest", {include-group = "more"}]\nmore = ["Some_Thing>1"]\n',
        ),
        [path]: lock('Some_Thing'),
      })
      expect(proposal.strategy.name).toBe('lockfile')
      expect(proposal.strategy.overrides).toEqual([{ path: '.quarry/locked.txt', content: 'some-thing==1.2\n' }])
      expect(commandsOf(proposal)[0]).toContain('--constraint .quarry/locked.txt --editable . pytest Some_Thing>1')
    }
  })

  test('but for the project itself, by whatever manifest it is named', async () => {
    const lock = JSON.stringify({ default: { 'some-cart': { version: '==1.0' }, attrs: { version: '==2.0' } } })
    const setupPy = "ext = Extension(name='cart._fast')\nsetup(version='1', name='Some_Cart')"
    for (const files of [
      { 'setup.py': setupPy },
      { 'setup.py': 'setup()', 'setup.cfg': '[metadata]\nname = some.cart\n' },
    ]) {
      const proposal = await first({ ...files, 'Pipfile.lock': lock })
      expect(proposal.strategy.overrides).toEqual([{ path: '.quarry/locked.txt', content: 'attrs==2.0\n' }])
    }
  })

  test("what the CI's own job installs, seen through tox", async () => {
    const proposal = await first({
      'setup.cfg': '[metadata]\nname = cart\n[options]\n[options.extras_require]\ntesting = pytest\n',
      'setup.py': 'setup()',
      'tox.ini':
        '[tox]\nenvlist = py311\n[testenv]\nextras = testing\ndeps = -r reqs/more.txt\n    hypothesis\ncommands = pytest -n 4 --cov=cart {posargs} tests\n',
      'reqs/more.txt':
        'attrs\ngit+https://host.invalid/a.git\n--index-url https://host.invalid/simple\nb @ https://host.invalid/x/b-1.0-py3-none-any.whl\n',
      'tests/test_cart.py': 'import pytest\nimport yaml\nimport cart\n',
      '.github/workflows/ci.yml': workflow('      - run: pip install tox\n      - run: tox -e py311\n'),
    })
    expect(commandsOf(proposal)).toHaveLength(1)
    expect(commandsOf(proposal)[0]).toMatch(
      / \/env\/python\/bin\/python3\.\d+ \.quarry\/venv --editable \.\[testing\] --requirement reqs\/more\.txt hypothesis pytest$/,
    )
    expect(proposal.invocations).toMatchObject([{ program: 'pytest', arguments: ['-n', '4', '--cov=cart', 'tests'] }])
    expect(proposal.strategy.overrides).toEqual([
      { path: 'reqs/more.txt', content: 'attrs\nb @ http://127.0.0.1:4873/~pypi/files/b/b-1.0-py3-none-any.whl\n' },
    ])
    expect(proposal.strategy.flags).toEqual(['dependencies-trimmed'])
  })

  test('of what a job comes to, nothing twice: what another runs as well is left out', async () => {
    const lines = [
      'pytest -n 4',
      'pytest tests/a --cov',
      'pytest --doctest-modules',
      'pytest tests/b -m slow',
      'pytest -v',
    ]
    const steps = lines.map((line) => `      - run: ${line}\n`).join('')
    const files = { 'setup.py': '', 'tests/a/test_a.py': '', 'tests/b/test_b.py': '' }
    const one = await first({ ...files, '.github/workflows/ci.yml': workflow(steps) })
    expect(one.invocations.map((each) => each.arguments.join(' '))).toEqual([
      '-n 4',
      '--doctest-modules',
      'tests/b -m slow',
    ])
    const paths = '      - run: pytest tests/a\n      - run: pytest tests/b tests/a\n'
    const two = await first({ ...files, '.github/workflows/ci.yml': workflow(paths) })
    expect(two.invocations.map((each) => each.arguments.join(' '))).toEqual(['tests/b tests/a'])
  })

  test('what only the tests import, as a later rung that says so', async () => {
    const proposals = await propose({
      'pyproject.toml': `${project('dependencies = ["attrs"]\n[project.optional-dependencies]\ntest = ["pytest"]\n')}[tool.pytest.ini_options]\nasyncio_mode = "auto"\n`,
      'src/cart/__init__.py': '',
      'tests/test_cart.py':
        'import os, attr, yaml, _pytest\nfrom helpers import x\nfrom cart import total\nimport pytest\n',
      'tests/helpers.py': '',
    })
    const rung = proposals.find(({ strategy }) => strategy.name === 'as-of-imports')
    expect(rung?.strategy.evidence).toContain('pytest-asyncio, pyyaml ← imported by tests, stated nowhere')
    expect(commandsOf(rung ?? proposals[0] ?? (await first({}))).join()).toContain(
      'uv pip install pytest-asyncio pyyaml',
    )
  })

  test('by pip where uv can not, and for editable installs of old', async () => {
    const old = await propose({ 'setup.py': "python_requires='>=3.6,<3.7'" }, '2021-01-01')
    expect(old[0]?.strategy.toolchain).toEqual({ python: '3.6.15' })
    const legacy = await first({ 'setup.py': 'setup()' }, '2021-01-01')
    expect(commandsOf(legacy)[0]).toBe('/env/python/bin/python3.9 -m venv .quarry/venv')
    expect(commandsOf(legacy).at(-1)).toContain('--no-build-isolation --no-index --editable .')
  })

  test('by a pip of old step by step, no package twice in one, what pins the most first', async () => {
    const proposal = await first(
      {
        'setup.py': "setup(name='cart', python_requires='>=3.6,<3.7', extras_require={'socks': ['PySocks>=1.5']})",
        'requirements.txt': 'PySocks==1.5.6\n',
        'tox.ini':
          '[tox]\nenvlist = py36\n[testenv]\nextras = socks\ndeps = -r requirements.txt\n  PySocks>=1.5\n  pytest>=3\ncommands = pytest\n',
        'tests/test_cart.py': 'import pytest\n',
        '.github/workflows/ci.yml': workflow('      - run: tox -e py36\n'),
      },
      '2018-01-01',
    )
    const pip = 'python -m pip install --no-compile'
    expect(commandsOf(proposal).slice(2)).toEqual([
      `${pip} --requirement requirements.txt`,
      `${pip} --editable .[socks]`,
      `${pip} PySocks>=1.5 pytest>=3`,
      `${pip} pytest`,
    ])
  })

  test('and where a build asks for a setuptools of old', async () => {
    const requires =
      '[build-system]\nrequires = ["setuptools~=62.6", "wheel"]\nbuild-backend = "setuptools.build_meta"\n[project]\nname = "cart"\n'
    expect(commandsOf(await first({ 'pyproject.toml': requires }))[0]).toContain('-m venv')
    const free = await propose({ 'pyproject.toml': requires.replace('~=62.6', '>=62') })
    expect(commandsOf(free[0] ?? (await first({})))[0]).toContain('uv venv')
    expect(free.map(({ strategy }) => strategy.name)).toContain('as-of-develop')
  })

  test('the project itself in one way alone, whatever lists name it', async () => {
    const proposal = await first(
      { 'setup.py': 'setup()', 'requirements_test.txt': 'pytest\n-e .[all]\n' },
      '2021-01-01',
    )
    expect(proposal.strategy.overrides).toEqual([{ path: 'requirements_test.txt', content: 'pytest\n' }])
    expect(commandsOf(proposal)[1]).toContain('--requirements setup.py --extra all')
  })

  test('but not what is compiled: each run builds that', async () => {
    const proposal = await first({
      'setup.py': 'setup(ext_modules=[Extension("a", ["a.c"])])',
      'pyproject.toml': '[build-system]\nrequires = ["setuptools", "cython"]\n',
    })
    expect(commandsOf(proposal).join()).not.toContain('--editable')
    expect(proposal.strategy.build.map(({ argv }) => argv.join(' '))).toEqual([
      'uv pip install --offline --no-deps --no-build-isolation --editable .',
    ])
  })

  test("with the version of the snapshot's tag, where it comes from git", async () => {
    const { strategy } = await first(
      { 'pyproject.toml': project().replace('"hatchling"]', '"hatchling", "hatch-vcs"]') },
      '2023-12-01',
      'v2.3.0',
    )
    expect(strategy.variables.SETUPTOOLS_SCM_PRETEND_VERSION).toBe('2.3.0')
  })
})

describe('bad input', () => {
  test.each([
    ['a broken pyproject.toml', { 'pyproject.toml': '[project\nname = ', 'tests/test_a.py': '' }],
    ['a broken lockfile', { 'pyproject.toml': project(), 'uv.lock': '[[', 'Pipfile.lock': '{' }],
    ['binary and empty files', { 'setup.cfg': '\0\0', 'setup.py': '', Pipfile: '\u0001', 'tox.ini': '[[[' }],
    ['a version that nobody can read', { 'setup.py': "python_requires='whatever'", '.python-version': 'pypy3\n' }],
  ])('%s is no fault', async (_what, files) => {
    expect((await propose(files as Readonly<Record<string, string>>)).length).toBeGreaterThan(0)
  })

  test.each([
    ['ERROR: No matching distribution found for nothing-here==9', 'package-not-available', 'nothing-here==9'],
    [
      '  × No solution found\n  ╰─▶ Because nothing-here was not found in the package registry and you require',
      'package-not-available',
      'nothing-here',
    ],
    [
      "ERROR: Package 'cart' requires a different Python: 3.9.18 not in '>=3.14'",
      'toolchain-not-available',
      'python >=3.14',
    ],
    [
      'error: can not find Rust compiler\nerror: cannot find Rust compiler',
      'toolchain-not-available',
      'cannot find Rust compiler',
    ],
    ['fatal: unable to access: Could not resolve host: code.invalid', 'package-not-available', 'code.invalid'],
    ['line\nerror: subprocess-exited-with-error', 'install-failed', 'error: subprocess-exited-with-error'],
  ])('%j is explained', (log, reason, detail) => {
    expect(python.explain(log)).toEqual({ reason, detail })
  })
})
