"""
Starts one of Python's test frameworks with our reporter:
    python ... python_launch.py pytest|unittest|script  PATH-ENTRY  <arguments ...>
PATH-ENTRY is what Python itself would put first on its path: the working directory for `python -m`, a script's folder; `-` for nothing.

The report's secret is taken first, and the framework imported from where it is installed, before anything of the repository can be: the
working directory comes onto the path afterwards, and so does what QUARRY_PYTHONPATH holds in PYTHONPATH's stead.
"""
import os
import sys

import python_report  # noqa: E402

_writer = python_report.claim()


def main(framework, entry, given):
    own = os.path.dirname(os.path.abspath(__file__))
    if framework == 'pytest':
        import python_pytest as runner
    else:
        import python_unittest as runner
    prepared = runner.prepare(_writer, framework)
    sys.path[:] = [each for each in sys.path if os.path.abspath(each or '.') != own]
    stated = os.environ.pop('QUARRY_PYTHONPATH', None)
    if stated is not None:
        os.environ['PYTHONPATH'] = stated
        sys.path[0:0] = [os.path.abspath(each) for each in stated.split(os.pathsep) if each]
    if entry != '-':
        sys.path[0:0] = ['' if each == '.' else os.path.abspath(each) for each in entry.split(os.pathsep)]
    for name in ('python_report', 'python_pytest', 'python_unittest'):
        sys.modules.pop(name, None)
    return prepared(given)


if __name__ == '__main__':
    _arguments = sys.argv[1:]
    sys.exit(main(_arguments[0], _arguments[1], _arguments[2:]))
