"""
Reports the tests of unittest, and of all that runs them through its text runner: `python -m unittest`, Django's `manage.py test`, a
repository's own script. The runner's results are followed, whatever class they are of.
"""
import os
import sys
import time


def _location(test):
    """The file that a test's class stands in, or None; and its names, outermost first."""
    cls = test.__class__
    # A module or class whose setup failed, a module that did not load.
    if cls.__module__.startswith('unittest.') or cls.__module__ == 'unittest':
        return _location_of_placeholder(test)
    example = getattr(test, '_dt_test', None)
    if example is not None:
        # doctest's cases are all of one class; what is tested has a name and a file.
        return os.path.abspath(example.filename) if example.filename else None, [example.name]
    module = sys.modules.get(cls.__module__)
    names = [getattr(cls, '__qualname__', cls.__name__)]
    method = getattr(test, '_testMethodName', None)
    if method is None:
        return _file_of(module), names + [str(test)]
    return _file_of(module), names + [method]


def _file_of(module):
    file = getattr(module, '__file__', None)
    if file is None:
        return None
    return os.path.abspath(file[:-1] if file.endswith('.pyc') else file)


def _location_of_placeholder(test):
    method = getattr(test, '_testMethodName', None)
    if type(test).__name__ in ('_FailedTest', 'ModuleImportFailure', 'LoadTestsFailure') and method:
        return _file_named(method), []
    description = getattr(test, 'description', None) or str(test)
    # `setUpClass (tests.test_cart.CartTest)`, `setUpModule (tests.test_cart)`
    inside = description[description.find('(') + 1 : -1] if description.endswith(')') else description
    module, _, cls = inside.rpartition('.')
    if inside in sys.modules:
        return _file_of(sys.modules[inside]), [description.split(' ')[0]]
    if module in sys.modules:
        return _file_of(sys.modules[module]), [cls, description.split(' ')[0]]
    if type(test).__name__ == 'FunctionTestCase' or type(test).__name__ == 'DocTestCase':
        return None, [test.id()]
    return None, [description]


def _file_named(module):
    """The file of a module that could not be imported, looked for where Python would have."""
    relative = os.path.join(*module.split('.'))
    for folder in sys.path:
        for candidate in (relative + '.py', os.path.join(relative, '__init__.py')):
            file = os.path.abspath(os.path.join(folder or '.', candidate))
            if os.path.isfile(file):
                return file
    return None


class _Following(object):
    """Follows one result: what the runner tells it is told to the report when the test stops."""

    def __init__(self, writer, result, clock):
        self._writer = writer
        self._result = result
        self._clock = clock
        self._open = {}
        result.failfast = False
        for name, status in (
            ('addSuccess', 'passed'),
            ('addFailure', 'failed'),
            ('addError', 'errored'),
            ('addSkip', 'skipped'),
            ('addExpectedFailure', 'skipped'),
            ('addUnexpectedSuccess', 'failed'),
        ):
            self._follow(name, status)
        self._wrap('startTest', self._started)
        self._wrap('stopTest', self._stopped)
        self._wrap('addSubTest', self._inside)

    def _wrap(self, name, before):
        original = getattr(self._result, name, None)
        if original is None:
            return

        def followed(*given, **named):
            before(*given)
            return original(*given, **named)

        setattr(self._result, name, followed)

    def _follow(self, name, status):
        def told(test, detail=None, *_):
            self._note(test, status, detail)

        self._wrap(name, told)

    def _note(self, test, status, detail):
        # A part that skips itself is told as if it were a test; it belongs to the test around it.
        test = test.test_case if type(test).__name__ == '_SubTest' else test
        entry = self._open.get(id(test))
        message = self._describe(test, detail) if status in ('failed', 'errored') else None
        if entry is None:
            # Not inside a test: the setup of a class or module, or a file that does not load.
            file, names = _location(test)
            self._writer.test(file, names, status, None, message)
            return
        worst = ('passed', 'skipped', 'failed', 'errored')
        if entry['status'] is None or worst.index(status) > worst.index(entry['status']):
            entry['status'] = status
        if message:
            entry['messages'].append(message)

    def _describe(self, test, detail):
        if not isinstance(detail, tuple):
            return 'It was expected to fail, and passed.' if detail is None else str(detail)
        try:
            return self._result._exc_info_to_string(detail, test)
        except Exception:
            return str(detail[1])

    def _started(self, test):
        self._open[id(test)] = {'status': None, 'messages': [], 'since': self._clock()}

    def _stopped(self, test):
        entry = self._open.pop(id(test), None)
        if entry is None:
            return
        file, names = _location(test)
        message = '\n'.join(entry['messages']) or None
        # A test without a word of its outcome failed in a part of it, or was replayed by a runner of Django's workers.
        self._writer.test(file, names, entry['status'] or 'errored', self._clock() - entry['since'], message)

    def _inside(self, test, _subtest, detail):
        if detail is None:
            return
        failure = getattr(test, 'failureException', AssertionError)
        self._note(test, 'failed' if issubclass(detail[0], failure) else 'errored', detail)


def _follow_runner(writer, unittest):
    """
    Every result that the text runner makes is followed, and every one of another runner's that a suite is run with. Returns a list that
    says whether runs came to their end.
    """
    runner, suite = unittest.TextTestRunner, unittest.TestSuite
    make, run, run_suite = runner._makeResult, runner.run, suite.run
    clock = time.time
    runs = []

    def made(self):
        result = make(self)
        result._quarryFollows = True
        _Following(writer, result, clock)
        return result

    def ran_suite(self, result, *given, **named):
        if getattr(result, '_quarryFollows', False):
            return run_suite(self, result, *given, **named)
        result._quarryFollows = True
        _Following(writer, result, clock)
        runs.append(False)
        at = len(runs) - 1
        answer = run_suite(self, result, *given, **named)
        runs[at] = not getattr(result, 'shouldStop', False)
        return answer

    def ran(self, test):
        runs.append(False)
        at = len(runs) - 1
        result = run(self, test)
        runs[at] = not getattr(result, 'shouldStop', False)
        return result

    runner._makeResult = made
    runner.run = ran
    suite.run = ran_suite
    return runs


def prepare(writer, framework):
    import runpy
    import unittest

    runs = [] if writer is None else _follow_runner(writer, unittest)

    def finish():
        if writer is not None and runs and all(runs):
            writer.end()

    def run_unittest(given):
        sys.argv = ['python -m unittest'] + given
        unittest.main(module=None, argv=sys.argv, exit=False)
        finish()

    def run_script(given):
        sys.argv = list(given)
        try:
            runpy.run_path(given[0], run_name='__main__')
        finally:
            # A runner leaves with its verdict; who leaves before it has run its tests has no whole run in the list.
            finish()

    return run_unittest if framework == 'unittest' else run_script
