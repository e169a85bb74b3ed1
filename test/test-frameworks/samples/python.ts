import { type Files, inVersions, type Sample } from './types.ts'

/** The workflow's job says which Python, what is installed and what is run. */
const on = (python: string, requirements: string, command: string): Files => ({
  'requirements-test.txt': requirements,
  '.github/workflows/test.yml': `name: test
on: [push]
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: '${python}'
      - run: pip install -r requirements-test.txt
      - run: ${command}
`,
})

const pytestFiles: Files = {
  'cart.py': 'def total(*prices):\n    return sum(prices)\n',
  'tests/conftest.py': `import pytest


@pytest.fixture
def broken():
    raise RuntimeError('no start')


@pytest.fixture
def breaking():
    yield 1
    raise RuntimeError('no end')
`,
  'tests/test_cart.py': `import pytest
from cart import total


def test_adds(): assert total(1, 1) == 2
def test_fails(): assert total(1) == 2
def test_has_no_start(broken): pass
def test_has_no_end(breaking): pass
def test_has_neither(breaking): assert False
@pytest.mark.skip(reason='later')
def test_waits(): pass
@pytest.mark.skipif(True, reason='never')
def test_is_never_run(): pass
def test_skips_itself(): pytest.skip('now')
@pytest.mark.xfail
def test_is_known_to_fail(): assert False
@pytest.mark.xfail
def test_is_no_longer_known_to_fail(): pass
@pytest.mark.xfail(strict=True)
def test_must_fail(): pass
@pytest.mark.parametrize('a', ['x::y', 'line\\nline', '/', '\\u00e9', 'a > b'], ids=repr)
def test_each(a): assert a != '/'
@pytest.mark.parametrize('a,b', [(1, 2), (1, 2)])
def test_twice(a, b): pass


class TestInside:
    def test_method(self): pass

    class TestDeeper:
        def test_method(self): assert 0
`,
  'tests/test_broken.py': 'import nothing_of_that_name\n',
  'tests/test_other_system.py': "import pytest\n\npytest.skip('not here', allow_module_level=True)\n",
  'tests/test_cases.py': `import unittest


class Cases(unittest.TestCase):
    def test_adds(self): pass
    def test_parts(self):
        for n in range(3):
            with self.subTest(n=n): self.assertNotEqual(n, 1)
    @unittest.expectedFailure
    def test_is_known_to_fail(self): self.fail()


class NoStart(unittest.TestCase):
    @classmethod
    def setUpClass(cls): raise RuntimeError('no')
    def test_never_begins(self): pass
`,
}
const cart = 'tests/test_cart.py'
const pytestExpected = {
  [`${cart} > test_adds`]: 'passed',
  [`${cart} > test_fails`]: 'failed',
  [`${cart} > test_has_no_start`]: 'errored',
  [`${cart} > test_has_no_end`]: 'errored',
  [`${cart} > test_has_neither`]: 'failed',
  [`${cart} > test_waits`]: 'skipped',
  [`${cart} > test_is_never_run`]: 'skipped',
  [`${cart} > test_skips_itself`]: 'skipped',
  [`${cart} > test_is_known_to_fail`]: 'skipped',
  [`${cart} > test_is_no_longer_known_to_fail`]: 'passed',
  [`${cart} > test_must_fail`]: 'failed',
  [`${cart} > test_each['x::y']`]: 'passed',
  [`${cart} > test_each['line\\\\nline']`]: 'passed',
  [`${cart} > test_each['/']`]: 'failed',
  [`${cart} > test_each['\\xe9']`]: 'passed',
  [`${cart} > test_each['a > b']`]: 'passed',
  [`${cart} > TestInside > test_method`]: 'passed',
  [`${cart} > TestInside > TestDeeper > test_method`]: 'failed',
  'tests/test_broken.py': 'errored',
  'tests/test_other_system.py': 'skipped',
  'tests/test_cases.py > Cases > test_adds': 'passed',
  'tests/test_cases.py > Cases > test_parts': 'failed',
  'tests/test_cases.py > Cases > test_is_known_to_fail': 'skipped',
  'tests/test_cases.py > NoStart > test_never_begins': 'errored',
} as const
/** What two sets of the same parameters are called, `[1-20]`, was changed in version 8. */
const twice = (...names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [`${cart} > test_twice[${name}]`, 'passed' as const]))
const pytest = [
  ...inVersions(
    {
      framework: 'pytest',
      files: pytestFiles,
      // Nor can a file skip itself as a whole there.
      expected: { ...pytestExpected, ...twice('1-20', '1-21'), 'tests/test_other_system.py': 'errored' },
    },
    { '3.2': on('3.6', 'pytest==3.2.5\n', 'python -m pytest tests') },
  ),
  ...inVersions(
    { framework: 'pytest', files: pytestFiles, expected: { ...pytestExpected, ...twice('1-20', '1-21') } },
    {
      '4.6': on('3.7', 'pytest==4.6.11\n', 'python -m pytest tests'),
      '6.2': on('3.9', 'pytest==6.2.5\n', 'python -m pytest tests'),
    },
  ),
  ...inVersions(
    { framework: 'pytest', files: pytestFiles, expected: { ...pytestExpected, ...twice('1-2_0', '1-2_1') } },
    {
      '8.4': on('3.12', 'pytest==8.4.2\npytest-subtests==0.14.2\n', 'python -m pytest tests'),
      '9.0': on('3.13', 'pytest==9.0.1\n', 'python -m pytest tests'),
    },
  ),
]

/** What there was before version 3: no end by `yield`, and no word for what is skipped as a whole. */
const pytestOfOld = inVersions(
  {
    framework: 'pytest',
    files: {
      'tests/test_cart.py': `import pytest


@pytest.fixture
def broken():
    raise RuntimeError('no start')


@pytest.fixture
def breaking(request):
    def end(): raise RuntimeError('no end')
    request.addfinalizer(end)


def test_adds(): pass
def test_fails(): assert 0
def test_has_no_start(broken): pass
def test_has_no_end(breaking): pass
@pytest.mark.skipif(True, reason='never')
def test_is_never_run(): pass
@pytest.mark.xfail
def test_is_known_to_fail(): assert False
@pytest.mark.xfail
def test_is_no_longer_known_to_fail(): pass
@pytest.mark.parametrize('a', [1, 2])
def test_each(a): assert a == 1


class TestInside:
    def test_method(self): pass
`,
      'tests/test_broken.py': 'import nothing_of_that_name\n',
    },
    expected: {
      [`${cart} > test_adds`]: 'passed',
      [`${cart} > test_fails`]: 'failed',
      [`${cart} > test_has_no_start`]: 'errored',
      [`${cart} > test_has_no_end`]: 'errored',
      [`${cart} > test_is_never_run`]: 'skipped',
      [`${cart} > test_is_known_to_fail`]: 'skipped',
      [`${cart} > test_is_no_longer_known_to_fail`]: 'passed',
      [`${cart} > test_each[1]`]: 'passed',
      [`${cart} > test_each[2]`]: 'failed',
      [`${cart} > TestInside > test_method`]: 'passed',
      'tests/test_broken.py': 'errored',
    },
  },
  { '2.9': on('3.6', 'pytest==2.9.2\n', 'python -m pytest tests') },
)

const pytestLeaving = inVersions(
  {
    framework: 'pytest',
    files: {
      'tests/test_leaving.py':
        'import os\n\n\ndef test_first(): pass\ndef test_leaves(): os._exit(0)\ndef test_last(): pass\n',
    },
    expected: { 'tests/test_leaving.py > test_first': 'passed' },
    isBrokenOff: true,
  },
  { '8.4': on('3.12', 'pytest==8.4.2\n', 'python -m pytest tests') },
  'leaving-',
)

const unittest = inVersions(
  {
    framework: 'unittest',
    files: {
      'words.py':
        'def half(n):\n    """\n    >>> half(4)\n    2\n    """\n    return n // 2\n\n\ndef twice(n):\n    """\n    >>> twice(2)\n    5\n    """\n    return n * 2\n',
      'tests/__init__.py': '',
      'tests/test_broken.py': 'import nothing_of_that_name\n',
      'tests/test_words.py':
        'import doctest\nimport words\n\n\ndef load_tests(loader, tests, ignore):\n    tests.addTests(doctest.DocTestSuite(words))\n    return tests\n',
      'tests/test_cart.py': `import unittest


class CartTest(unittest.TestCase):
    def test_adds(self): self.assertEqual(1 + 1, 2)
    def test_fails(self): self.assertEqual(1, 2)
    def test_errs(self): raise RuntimeError('as it should')
    @unittest.skip('later')
    def test_waits(self): pass
    def test_skips_itself(self): self.skipTest('now')
    @unittest.expectedFailure
    def test_is_known_to_fail(self): self.fail()
    @unittest.expectedFailure
    def test_is_no_longer_known_to_fail(self): pass
    def test_parts(self):
        for n in range(3):
            with self.subTest(n=n): self.assertNotEqual(n, 1)
    def test_parts_err(self):
        with self.subTest('first'): raise RuntimeError('inside')
    def test_parts_skip(self):
        for n in range(2):
            with self.subTest(n=n):
                if n == 1: self.skipTest('one of them')
    def test_has_no_end(self): self.addCleanup(lambda: 1 / 0)


class NoStart(unittest.TestCase):
    @classmethod
    def setUpClass(cls): raise RuntimeError('no')
    def test_never_begins(self): pass


class NoEnd(unittest.TestCase):
    @classmethod
    def tearDownClass(cls): raise RuntimeError('no')
    def test_passes(self): pass


@unittest.skip('all of it')
class Later(unittest.TestCase):
    def test_waits(self): pass
`,
    },
    expected: {
      'tests/test_broken.py': 'errored',
      'words.py > words.half': 'passed',
      'words.py > words.twice': 'failed',
      'tests/test_cart.py > CartTest > test_adds': 'passed',
      'tests/test_cart.py > CartTest > test_fails': 'failed',
      'tests/test_cart.py > CartTest > test_errs': 'errored',
      'tests/test_cart.py > CartTest > test_waits': 'skipped',
      'tests/test_cart.py > CartTest > test_skips_itself': 'skipped',
      'tests/test_cart.py > CartTest > test_is_known_to_fail': 'skipped',
      'tests/test_cart.py > CartTest > test_is_no_longer_known_to_fail': 'failed',
      'tests/test_cart.py > CartTest > test_parts': 'failed',
      'tests/test_cart.py > CartTest > test_parts_err': 'errored',
      'tests/test_cart.py > CartTest > test_parts_skip': 'skipped',
      'tests/test_cart.py > CartTest > test_has_no_end': 'errored',
      'tests/test_cart.py > NoStart > setUpClass': 'errored',
      'tests/test_cart.py > NoEnd > test_passes': 'passed',
      'tests/test_cart.py > NoEnd > tearDownClass': 'errored',
      'tests/test_cart.py > Later > test_waits': 'skipped',
    },
  },
  {
    '3.7': on('3.7', 'six\n', 'python -m unittest discover -s tests -t .'),
    '3.10': on('3.10', 'six\n', 'python -m unittest discover -s tests -t .'),
    '3.13': on('3.13', 'six\n', 'python -m unittest discover -s tests -t .'),
  },
)

const django = inVersions(
  {
    framework: 'django',
    files: {
      'manage.py':
        "import os\nimport sys\n\nif __name__ == '__main__':\n    os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n    from django.core.management import execute_from_command_line\n\n    execute_from_command_line(sys.argv)\n",
      'shop/__init__.py': '',
      'shop/settings.py':
        "SECRET_KEY = 'x'\nINSTALLED_APPS = ['cart']\nDATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': ':memory:'}}\nDEFAULT_AUTO_FIELD = 'django.db.models.AutoField'\nUSE_TZ = True\n",
      'cart/__init__.py': '',
      'cart/models.py':
        'from django.db import models\n\n\nclass Line(models.Model):\n    price = models.IntegerField()\n',
      'cart/migrations/__init__.py': '',
      'cart/migrations/0001_initial.py':
        "from django.db import migrations, models\n\n\nclass Migration(migrations.Migration):\n    initial = True\n    dependencies = []\n    operations = [\n        migrations.CreateModel(\n            name='Line',\n            fields=[('id', models.AutoField(primary_key=True, serialize=False)), ('price', models.IntegerField())],\n        )\n    ]\n",
      'cart/tests/__init__.py': '',
      'cart/tests/test_broken.py': 'import nothing_of_that_name\n',
      'cart/tests/test_cart.py': `import unittest

from django.test import SimpleTestCase, TestCase, TransactionTestCase, tag

from cart.models import Line


class LineTest(TestCase):
    @classmethod
    def setUpTestData(cls): cls.line = Line.objects.create(price=2)
    def test_is_stored(self): self.assertEqual(Line.objects.get().price, 2)
    def test_fails(self): self.assertEqual(self.line.price, 3)
    def test_errs(self): Line.objects.get(price=9)
    def test_parts(self):
        for n in (1, 2, 3):
            with self.subTest(n=n): self.assertNotEqual(n, self.line.price)
    def test_all_parts(self):
        for n in (1, 3):
            with self.subTest(n=n): self.assertNotEqual(n, self.line.price)
    @unittest.skip('later')
    def test_waits(self): pass
    @unittest.expectedFailure
    def test_is_known_to_fail(self): self.fail()
    @tag('slow')
    def test_has_a_tag(self): pass


class NoStart(TestCase):
    @classmethod
    def setUpTestData(cls): raise RuntimeError('no')
    def test_never_begins(self): pass


class PlainTest(SimpleTestCase):
    def test_must_ask_no_database(self): Line.objects.count()


class WholeTest(TransactionTestCase):
    def test_is_empty(self): self.assertFalse(Line.objects.exists())
`,
    },
    expected: {
      'cart/tests/test_broken.py': 'errored',
      'cart/tests/test_cart.py > LineTest > test_is_stored': 'passed',
      'cart/tests/test_cart.py > LineTest > test_fails': 'failed',
      'cart/tests/test_cart.py > LineTest > test_errs': 'errored',
      'cart/tests/test_cart.py > LineTest > test_parts': 'failed',
      'cart/tests/test_cart.py > LineTest > test_all_parts': 'passed',
      'cart/tests/test_cart.py > LineTest > test_waits': 'skipped',
      'cart/tests/test_cart.py > LineTest > test_is_known_to_fail': 'skipped',
      'cart/tests/test_cart.py > LineTest > test_has_a_tag': 'passed',
      'cart/tests/test_cart.py > NoStart > setUpClass': 'errored',
      'cart/tests/test_cart.py > PlainTest > test_must_ask_no_database': 'failed',
      'cart/tests/test_cart.py > WholeTest > test_is_empty': 'passed',
    },
  },
  {
    '3.2': on('3.9', 'django==3.2.25\n', 'python manage.py test --parallel'),
    '5.2': on('3.12', 'django==5.2.8\n', 'python manage.py test --parallel auto'),
  },
)

export const pythonSamples: readonly Sample[] = [...pytest, ...pytestOfOld, ...pytestLeaving, ...unittest, ...django]
