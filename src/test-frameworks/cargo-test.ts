import type { Command, TestPlan } from '../model/index.ts'
import { chosenFlags } from './cargo-flags.ts'
import { parseCargoReport } from './cargo-report.ts'
import { fromDirectory, reporterPath } from './launch.ts'
import type { TestFramework } from './types.ts'

function command(plan: TestPlan, files: readonly string[] | null): Command {
  const named = files === null ? [] : fromDirectory(plan, files)
  const examples = fromDirectory(plan, documentedFiles(plan.arguments))
  const given = [named, examples].flatMap((list) => [String(list.length), ...list])
  return {
    argv: ['sh', reporterPath('cargo-test.sh'), ...given, ...chosenFlags(plan.arguments)],
    directory: plan.directory,
    variables: plan.variables,
  }
}

const documented = '--doc='

/** Files whose examples are tests: an argument of our own, which the ecosystem writes. */
function documentedFiles(given: readonly string[]): readonly string[] {
  return given.filter((each) => each.startsWith(documented)).map((each) => each.slice(documented.length))
}

/** Rust's own: unit and integration tests of libtest, as cargo builds them, and examples in documentation. */
export const cargoTest: TestFramework = {
  name: 'cargo-test',
  ecosystem: 'rust',
  async recognise(invocation) {
    if (invocation.program !== 'cargo') return null
    const [verb = '', ...rest] = invocation.arguments.filter((argument) => !argument.startsWith('+'))
    const isTest = verb === 'test' || verb === 't' || (verb === 'nextest' && rest[0] === 'run')
    if (!isTest) return null
    return {
      framework: 'cargo-test',
      directory: invocation.directory,
      version: null,
      arguments: [...chosenFlags(rest), ...documentedFiles(rest).map((path) => `${documented}${path}`)],
      nodeArguments: [],
      variables: invocation.variables,
    }
  },
  testPaths: async () => ({ tests: [], support: [], configuration: [] }),
  command,
  typed: (plan) => ['cargo', 'test', ...chosenFlags(plan.arguments)],
  parse: parseCargoReport,
}
