import type { Command, TestPlan } from '../model/index.ts'
import { reporterPath } from './launch.ts'

/**
 * A command that starts a Python framework through reporters/python_launch.py. `nodeArguments` of a plan are Python's own (`-W error`); a
 * `-m` among them says that the framework was started as a module, which puts the working directory on the path.
 */
export function pythonCommand(
  plan: TestPlan,
  framework: 'pytest' | 'unittest' | 'script',
  given: readonly string[],
  entry: string | null = null,
): Command {
  const isModule = plan.nodeArguments.includes('-m')
  const own = plan.nodeArguments.filter((argument) => argument !== '-m')
  return {
    argv: ['python', ...own, reporterPath('python_launch.py'), framework, entry ?? (isModule ? '.' : '-'), ...given],
    directory: plan.directory,
    variables: variables(plan.variables),
  }
}

/** Python looks in PYTHONPATH for the first of its own modules; what a patch could put there has to wait until the report is safe. */
function variables({
  PYTHONPATH: path,
  ...others
}: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return path === undefined ? others : { ...others, QUARRY_PYTHONPATH: path }
}
