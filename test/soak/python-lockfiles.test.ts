import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeSmallRepository, type SmallRepository } from '../end-to-end/small-repository.ts'
import { findPython, withoutPython } from '../python.ts'
import { tell } from '../tell.ts'

/*
 * What each of Python's package managers locked is what an install brings through the gateway, and what runs find without a network. The lockfiles were
 * written by Poetry 1.8, PDM 2.19 and Pipenv, in a year whose attrs is 23.1; the merge's own day has 25.3, which the manifests allow.
 */
const hasPython = (await findPython('3.11')) !== null
if (!hasPython) tell(withoutPython('3.11'))

const lockfile = (name: string) => readFileSync(join(import.meta.dirname, 'python-lockfiles', name), 'utf8')
const workflow = (...commands: readonly string[]) =>
  `on: [push]\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/setup-python@v5\n        with:\n          python-version: '3.12'\n${commands.map((command) => `      - run: ${command}\n`).join('')}`
const hatch = `[project]
name = "cart"
version = "1.2.0"
dependencies = ["attrs>=22"]

[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[tool.hatch.envs.default]
dependencies = ["pytest"]

[tool.hatch.envs.default.scripts]
test = "pytest {args:tests}"
`

const managers: Readonly<Record<string, { readonly files: Readonly<Record<string, string>>; readonly attrs: string }>> =
  {
    poetry: {
      files: {
        'pyproject.toml': lockfile('poetry.toml'),
        'poetry.lock': lockfile('poetry.lock'),
        '.github/workflows/test.yml': workflow('pip install poetry', 'poetry install', 'poetry run pytest'),
      },
      attrs: '23.1.0',
    },
    pdm: {
      files: {
        'pyproject.toml': lockfile('pdm.toml'),
        'pdm.lock': lockfile('pdm.lock'),
        '.github/workflows/test.yml': workflow('pip install pdm', 'pdm install -G test', 'pdm run pytest'),
      },
      attrs: '23.1.0',
    },
    pipenv: {
      files: {
        Pipfile: lockfile('Pipfile'),
        'Pipfile.lock': lockfile('Pipfile.lock'),
        'setup.py':
          "from setuptools import setup\nsetup(name='cart', version='1.2.0', package_dir={'': 'src'}, packages=['cart'], install_requires=['attrs>=22'])\n",
        '.github/workflows/test.yml': workflow('pip install pipenv', 'pipenv install --dev', 'pipenv run pytest'),
      },
      attrs: '23.1.0',
    },
    hatch: {
      files: {
        'pyproject.toml': hatch,
        '.github/workflows/test.yml': workflow('pip install hatch', 'hatch run test'),
      },
      attrs: '25.3.0',
    },
  }

const tests = (attrs: string, more = '') => `from importlib.metadata import version
from cart import total


def test_has_what_was_locked(): assert version('attrs') == '${attrs}'
def test_is_installed(): assert version('cart') == '1.2.0'
${more}`

describe.skipIf(!hasPython).each(Object.entries(managers))('a repository of %s', (name, { files, attrs }) => {
  let repository: SmallRepository

  beforeAll(async () => {
    const base = {
      ...files,
      'src/cart/__init__.py': 'def total(*prices):\n    return 0\n',
      'tests/test_cart.py': tests(attrs),
    }
    repository = await makeSmallRepository(name, base, {
      'src/cart/__init__.py': 'def total(*prices):\n    return sum(prices)\n',
      'tests/test_cart.py': tests(attrs, 'def test_adds(): assert total(1, 2) == 3\n'),
    })
  })
  afterAll(() => repository?.remove())

  test('is vetted with the versions that it locks', async () => {
    const { line, told } = await repository.mine()
    expect(line, told).toMatchObject({
      state: 'vetted',
      fail_to_pass: ['tests/test_cart.py > test_adds'],
      pass_to_pass: 2,
    })
  }, 400_000)
})
