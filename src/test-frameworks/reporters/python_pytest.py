"""Reports pytest's tests, from version 2.8 on: a plug-in that is registered before any conftest of the repository is read."""
import os
import re
import sys

SETTINGS = ('pytest.ini', '.pytest.ini', 'pyproject.toml', 'tox.ini', 'setup.cfg')


def _installed(module):
    try:
        from importlib.util import find_spec
    except ImportError:
        import pkgutil

        find_spec = pkgutil.find_loader
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def _settings():
    found = [os.environ.get('PYTEST_ADDOPTS', '')]
    for name in SETTINGS:
        try:
            with open(name, 'rb') as file:
                found.append(file.read().decode('utf-8', 'replace'))
        except (IOError, OSError):
            continue
    return '\n'.join(found)


def _version(pytest):
    """Major and minor. One that is built from its sources may have no number, and is taken for a new one."""
    found = re.match(r'([1-9]\d*)\.(\d+)', pytest.__version__)
    return (99, 0) if found is None else (int(found.group(1)), int(found.group(2)))


def _own_arguments(version):
    """What makes runs alike: no workers, no order by chance, no early stop, nothing kept between runs, no measuring of coverage."""
    arguments = ['--maxfail=0']
    # Before version 3 what can't be collected stopped nothing.
    if version >= (3, 0):
        arguments.append('--continue-on-collection-errors')
    if version >= (3, 2):
        # In one word: some versions take all that follows for more of it.
        arguments.append('--override-ini=cache_dir=/tmp/quarry-pytest-cache')
    elif 'no:cacheprovider' not in _settings():
        arguments.extend(['-p', 'no:cacheprovider'])
    if os.environ.get('PYTEST_DISABLE_PLUGIN_AUTOLOAD'):
        return arguments
    settings = _settings()
    plugins = (
        ('xdist', 'no:xdist', ['-n', '0']),
        ('pytest_randomly', 'no:randomly', ['--randomly-seed=1', '--randomly-dont-reorganize']),
        ('pytest_cov', 'no:cov', ['--no-cov']),
        ('pytest_timeout', 'no:timeout', ['--timeout=0']),
        ('pytest_benchmark', 'benchmark-only', ['--benchmark-disable']),
        ('_hypothesis_pytestplugin', 'no:hypothesispytest', ['--hypothesis-seed=0']),
    )
    for module, unless, more in plugins:
        if _installed(module) and unless not in settings:
            arguments.extend(more)
    return arguments


class _Running(object):
    """What is known of a test while it runs."""

    def __init__(self):
        self.status = None
        self.seconds = 0.0
        self.messages = []
        self.broken_inside = False


def _message(report):
    text = getattr(report, 'longreprtext', None)
    if text is None:
        text = '' if report.longrepr is None else str(report.longrepr)
    return text


def _make_plugin(writer, pytest):
    places = {}
    running = {}

    def file_of(node):
        return str(getattr(node, 'path', None) or node.fspath)

    def names_of(item):
        chain = item.listchain()
        names = []
        for node in reversed(chain):
            if isinstance(node, pytest.File) or isinstance(node, pytest.Session):
                break
            # Older versions have an instance between a class and its methods.
            if node.name != '()':
                names.insert(0, node.name)
        return names

    # Before version 3.4 nothing tells that a test is over but the report of its end.
    says_finished = _version(pytest) >= (3, 4)

    def finish(nodeid, location):
        test = running.pop(nodeid, None)
        if test is None:
            return
        if test.broken_inside and test.status in (None, 'passed'):
            test.status = 'failed'
        file, names = places.get(nodeid) or (os.path.join(reporter.root, location[0]), [location[2]])
        message = '\n'.join(test.messages) or None
        writer.test(file, names, test.status or 'errored', test.seconds, message)

    class Reporter(object):
        def pytest_itemcollected(self, item):
            places[item.nodeid] = (file_of(item), names_of(item))

        def pytest_configure(self, config):
            self.root = str(getattr(config, 'rootpath', None) or config.rootdir)

        def pytest_collectreport(self, report):
            if report.passed or not report.nodeid:
                return
            parts = report.nodeid.split('::')
            file = os.path.join(self.root, parts[0])
            if report.failed:
                writer.test(file, [each for each in parts[1:] if each != '()'], 'errored', None, _message(report))
            elif len(parts) == 1:
                writer.test(file, [], 'skipped', None, None)

        def pytest_runtest_logreport(self, report):
            if report.when == 'setup' or report.nodeid not in running:
                # A plug-in that runs failed tests again begins with their setup.
                running[report.nodeid] = _Running()
            test = running[report.nodeid]
            if 'subtest' in type(report).__name__.lower():
                if report.failed:
                    test.broken_inside = True
                    test.messages.append(_message(report))
                return
            test.seconds += getattr(report, 'duration', 0.0)
            # Before version 3 a test that passes although it was marked to fail is told as failed, with this mark, and does not count.
            no_longer_fails = report.when == 'call' and report.failed and hasattr(report, 'wasxfail')
            if report.failed and not no_longer_fails:
                test.messages.append(_message(report))
                if test.status != 'failed':
                    test.status = 'failed' if report.when == 'call' else 'errored'
            elif report.skipped and test.status is None:
                test.status = 'skipped'
            elif report.when == 'call' and (report.passed or no_longer_fails) and test.status is None:
                test.status = 'passed'
            if report.when == 'teardown' and not says_finished:
                finish(report.nodeid, report.location)

        @pytest.hookimpl(optionalhook=True)
        def pytest_runtest_logfinish(self, nodeid, location):
            finish(nodeid, location)

        @pytest.hookimpl(trylast=True)
        def pytest_sessionfinish(self, session, exitstatus):
            # Stopped, broken inside, or called wrongly: what was told is not all.
            if int(exitstatus) in (0, 1, 5):
                # Of some plug-ins' tests nobody says that they are over.
                for nodeid in sorted(running):
                    finish(nodeid, (nodeid.split('::')[0], None, nodeid))
                writer.end()

    reporter = Reporter()
    return reporter


def prepare(writer, _framework):
    import pytest

    # Before the repository's folder is on the path: what is imported now is what was installed.
    plugins = [] if writer is None else [_make_plugin(writer, pytest)]

    def run(given):
        sys.argv = ['pytest'] + given
        return pytest.main(_own_arguments(_version(pytest)) + given, plugins=plugins)

    return run
