import { posix } from 'node:path'
import { seeThrough } from '../../ci/see-through.ts'
import type { CiJob } from '../../ci/types.ts'
import type { TreeReader } from '../../model/index.ts'
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
  /^(?:PATH|HOME|GO111MODULE|GOFLAGS|GOENV|GOPATH|GOCACHE|GOMODCACHE|GOPROXY|GOSUMDB|GONOSUMDB|GOTOOLCHAIN|GOROOT|GOBIN|GOPRIVATE|GITHUB_\w+|CI)$/

/** A `go test` that a job comes to. */
interface Seen {
  readonly flags: readonly string[]
  readonly variables: Readonly<Record<string, string>>
  readonly from: string
}

/** A job with the `go test`s that its steps come to, through make and scripts. */
export interface TestJob {
  readonly job: CiJob
  readonly tests: readonly Seen[]
}

/** The jobs that run `go test` somewhere, those for every push first; where none does, those that set Go up and do not only lint or publish. */
export async function testJobs(tree: TreeReader, jobs: readonly CiJob[]): Promise<readonly TestJob[]> {
  const seen: TestJob[] = []
  for (const job of jobs.filter(({ linux }) => linux)) seen.push({ job, tests: await testsOf(tree, job) })
  const testing = seen.filter(({ tests }) => tests.length > 0)
  const withGo = seen.filter(({ job }) => job.setups.some(({ action }) => /setup-go$/.test(action)))
  const found = testing.length > 0 ? testing : withGo.filter(({ job }) => !idleJob.test(job.from))
  return found.toSorted((a, b) => Number(b.job.everyPush) - Number(a.job.everyPush))
}

const idleJob = /lint|release|codeql|docs|publish|deploy/i

/** What the first test job gives `go test`. */
export function testWork(jobs: readonly TestJob[]): TestWork {
  const first = jobs.flatMap(({ tests }) => tests)[0]
  if (first === undefined) return none
  const given = [...(first.variables.GOFLAGS ?? '').split(/\s+/), ...first.flags]
  const flags = given.filter((flag) => telling.test(flag) && !/[$`]/.test(flag))
  const line = ['go test', ...flags, './...'].join(' ')
  return { flags, variables: kept(first.variables), from: `${line} ← ${first.from}` }
}

async function testsOf(tree: TreeReader, { from, runs }: CiJob): Promise<readonly Seen[]> {
  const found: Seen[] = []
  for (const run of runs) {
    for (const command of await seeThrough(tree, run, from)) {
      const { words, variables } = command
      const [program = '', verb = '', ...given] = words
      if (posix.basename(program) !== 'go' || verb !== 'test') continue
      found.push({ flags: goArguments(given).flags, variables, from: command.from })
    }
  }
  return found
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
