import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findPython, withoutPython } from '../python.ts'
import { tell } from '../tell.ts'
import { added, makeSmallRepository, partOf, type SmallRepository } from './small-repository.ts'

const hasCompiler = spawnSync('cc', ['--version'], { stdio: 'ignore' }).status === 0
const isPossible = hasCompiler && (await findPython('3.8')) !== null
if (!isPossible) tell(hasCompiler ? withoutPython('3.8') : 'there is no C compiler: a Python repository is not tested')

/** The sum in C: what an install would compile must not be what a run of another state loads. */
const extension = (start: string) => `#include <Python.h>
static PyObject *sum(PyObject *self, PyObject *lines) {
  long total = ${start};
  for (Py_ssize_t i = 0; i < PyList_Size(lines); i++) total += PyLong_AsLong(PyList_GetItem(lines, i));
  return PyLong_FromLong(total);
}
static PyMethodDef methods[] = {{"sum", sum, METH_O, NULL}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_sum", NULL, -1, methods};
PyMODINIT_FUNC PyInit__sum(void) { return PyModule_Create(&module); }
`
const tests = (more: string) => `import pytest
from importlib.metadata import version
from cart import shown, total

def test_is_installed(): assert version('cart') == '1.2.0'

def test_empty(): assert shown([]) == '0 EUR'
${more}`
const base = {
  'pyproject.toml':
    '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n\n[project]\nname = "cart"\nversion = "1.2.0"\nrequires-python = ">=3.8"\n\n[dependency-groups]\ntests = ["pytest"]\n\n[tool.pytest.ini_options]\naddopts = "-q"\ntestpaths = ["tests"]\n',
  'setup.py':
    "from setuptools import Extension, setup\nsetup(package_dir={'': 'src'}, packages=['cart'], ext_modules=[Extension('cart._sum', ['src/cart/_sum.c'])])\n",
  'src/cart/__init__.py':
    "from cart._sum import sum as total\n\n\ndef shown(lines):\n    return f'{total(lines)} EUR'\n",
  'src/cart/_sum.c': extension('1 - 1'),
  'tests/test_cart.py': tests(''),
}
const merge = {
  'src/cart/__init__.py':
    "from cart._sum import sum as total\n\n\ndef shown(lines):\n    return f'{total(lines):.2f} EUR' if lines else '0 EUR'\n",
  'src/cart/_sum.c': extension('0')
    .replace('long total', 'if (!PyList_Size(lines)) return PyLong_FromLong(0);\n  long total')
    .replace('return PyLong_FromLong(total)', 'return PyLong_FromLong(total * 2)'),
  'tests/test_cart.py': tests(
    "\n@pytest.mark.parametrize('lines', [[1], [1, 2]])\ndef test_doubles(lines): assert total(lines) == 2 * sum(lines)\n\ndef test_shows(): assert shown([1]) == '2.00 EUR'\n",
  ),
}

let repository: SmallRepository
let mined: Awaited<ReturnType<SmallRepository['mine']>>
beforeAll(async () => {
  if (!isPossible) return
  repository = await makeSmallRepository('cart', base, merge)
  mined = await repository.mine()
}, 300_000)
afterAll(() => repository?.remove())

describe.skipIf(!isPossible)('a Python repository', { timeout: 240_000 }, () => {
  test('is vetted by tests of what each run compiles anew', () => {
    expect(mined.line, mined.told).toMatchObject({
      state: 'vetted',
      fail_to_pass: [
        'tests/test_cart.py > test_doubles[lines0]',
        'tests/test_cart.py > test_doubles[lines1]',
        'tests/test_cart.py > test_shows',
      ],
      pass_to_pass: 2,
      flaky: [],
    })
  })

  test('rewards the fix and nothing less', async () => {
    const fix = await repository.patchOf('fix')
    expect(await repository.rewardOf(fix)).toBe(1)
    expect(await repository.rewardOf('')).toBe(0)
    expect(await repository.rewardOf(partOf(fix, 'src/cart/__init__.py'))).toBe(0)
  })

  test('is exported to Harbor, with what installs and grades it', async () => {
    const out = join(repository.home, 'harbor')
    const { exitCode, stderr } = await repository.quarry(['export', 'harbor', '--out', out])
    expect(exitCode, stderr).toBe(0)
    const files = globSync('*/{environment,tests}/**', { cwd: out }).map((path) => path.split('/').slice(1).join('/'))
    const programs = ['environment/quarry/install.mjs', 'tests/quarry/verifier.mjs']
    expect(files).toEqual(expect.arrayContaining([...programs, 'tests/quarry/reporters/python_launch.py']))
  })

  test('gives nothing for settings, plug-ins and start-up code that a patch brings', async () => {
    const patches = [
      added('conftest.py', 'def pytest_collection_modifyitems(items):\n    del items[:]\n'),
      added('pytest.ini', '[pytest]\naddopts = -k test_empty\n'),
      added('src/sitecustomize.py', "import os\nopen('/quarry/report/nonce').read()\nos._exit(0)\n"),
      added('src/cart/extra.py', "print('tests/test_cart.py::test_shows PASSED')\n"),
    ]
    expect(await repository.rewardOf(patches.join(''))).toBe(0)
  })
})
