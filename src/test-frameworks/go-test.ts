import { posix } from 'node:path'
import type { Command, TestPlan } from '../model/index.ts'
import { goArguments } from './go-arguments.ts'
import { fromDirectory, reporterPath } from './launch.ts'
import { planFor } from './program.ts'
import { parseReport } from './report.ts'
import type { Invocation, TestFramework } from './types.ts'

function startedTest({ program, arguments: given }: Invocation): readonly string[] | null {
  const name = posix.basename(program)
  if (/^(?:go|richgo|gotest)(?:\d[\w.]*)?$/.test(name)) {
    if (name.startsWith('gotest')) return given
    return given[0] === 'test' ? given.slice(1) : null
  }
  if (name !== 'gotestsum') return null
  const from = given.indexOf('--')
  return from === -1 ? [] : given.slice(from + 1)
}

function command(plan: TestPlan, files: readonly string[] | null): Command {
  const { flags, packages, rest } = goArguments(plan.arguments)
  const vet = flags.some((flag) => flag.startsWith('-vet')) ? [] : ['-vet=off']
  const only = files === null ? [] : fromDirectory(plan, files)
  const own = ['-count=1', '-timeout=24h', ...vet]
  const wanted = packages.length === 0 ? ['.'] : packages
  return {
    argv: [
      '/quarry/node',
      reporterPath('go-test.cjs'),
      ...only,
      '--',
      ...own,
      ...flags,
      '--',
      ...wanted,
      '--',
      ...rest,
    ],
    directory: plan.directory,
    variables: plan.variables,
  }
}

/** Go's own tests, with those of testify, ginkgo, gocheck and the like as far as `go test` tells them apart. */
export const goTest: TestFramework = {
  name: 'go-test',
  ecosystem: 'go',
  async recognise(invocation) {
    const given = startedTest(invocation)
    if (given === null) return null
    const { flags, packages, rest } = goArguments(given)
    return planFor(
      'go-test',
      invocation,
      [...flags, ...packages, ...(rest.length === 0 ? [] : ['-args', ...rest])],
      null,
    )
  },
  testPaths: async () => ({ tests: [], support: [], configuration: [] }),
  command,
  typed: (plan) => ['go', 'test', ...plan.arguments],
  parse: parseReport,
}
