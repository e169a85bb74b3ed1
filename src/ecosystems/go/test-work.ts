import { posix } from 'node:path'
import { splitShell } from '../../ci/shell.ts'
import type { CiJob, CiRun } from '../../ci/types.ts'
import { goArguments } from '../../test-frameworks/go-arguments.ts'
import type { Invocation } from '../../test-frameworks/types.ts'

/** How CI tests: flags that decide what is built and which tests there are, and the variables that the tests get. */
export interface TestWork {
  readonly flags: readonly string[]
  readonly variables: Readonly<Record<string, string>>
  readonly from: string
}

const none: TestWork = { flags: [], variables: {}, from: 'go test ./... ← convention' }

/** Flags that are kept of CI: which tests there are, and how they are built. */
const telling = /^-(?:tags|ldflags|gcflags|asmflags|mod|short|vet|skip)(?:=|$)/
/** Variables that Quarry itself sets, or that lead elsewhere. */
const ours =
  /^(?:PATH|HOME|GOPATH|GOCACHE|GOMODCACHE|GOPROXY|GOSUMDB|GONOSUMDB|GOTOOLCHAIN|GOROOT|GOBIN|GOPRIVATE|GITHUB_\w+|CI)$/

/** The jobs that run `go test` somewhere, those for every push first. */
export function testJobs(jobs: readonly CiJob[]): readonly CiJob[] {
  const linux = jobs.filter(({ linux }) => linux)
  const testing = linux.filter((job) => job.runs.some((run) => testsIn(run).length > 0))
  const withGo = linux.filter(({ setups }) => setups.some(({ action }) => /setup-go$/.test(action)))
  const found =
    testing.length > 0 ? testing : withGo.filter(({ from }) => !/lint|release|codeql|docs|publish/i.test(from))
  return found.toSorted((a, b) => Number(b.everyPush) - Number(a.everyPush))
}

/** What the first test job gives `go test`. */
export function testWork(jobs: readonly CiJob[]): TestWork {
  for (const { from, runs } of jobs) {
    for (const run of runs) {
      const [first] = testsIn(run)
      if (first === undefined) continue
      const flags = goArguments(first.given).flags.filter((flag) => telling.test(flag) && !/[$`]/.test(flag))
      return {
        flags,
        variables: kept({ ...run.variables, ...first.variables }),
        from: `go test ${flags.join(' ')} ./... ← ${from}`,
      }
    }
  }
  return none
}

function testsIn(
  run: CiRun,
): { readonly given: readonly string[]; readonly variables: Readonly<Record<string, string>> }[] {
  return splitShell(run.text).flatMap(({ words, assignments, after }) => {
    const at = words.findIndex((word) => posix.basename(word) === 'go')
    const isTest = at !== -1 && at <= 4 && words[at + 1] === 'test'
    return isTest && after !== 'or' ? [{ given: words.slice(at + 2), variables: assignments }] : []
  })
}

function kept(variables: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const entries = Object.entries(variables)
  return Object.fromEntries(entries.filter(([name, value]) => !ours.test(name) && !/[$`]/.test(value)))
}

/** `go test` over a module. */
export function invocationOf(work: TestWork, directory: string, packages: readonly string[]): Invocation {
  return {
    program: 'go',
    arguments: ['test', ...work.flags, ...packages],
    nodeArguments: [],
    variables: work.variables,
    directory,
    from: work.from,
  }
}
