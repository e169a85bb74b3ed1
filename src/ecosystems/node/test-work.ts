import { basename, dirname } from 'node:path/posix'
import type { TreeReader } from '../../model/index.ts'
import type { Invocation } from '../../test-frameworks/types.ts'
import type { CiTestJob } from './ci-tests.ts'
import { installed } from './manifest.ts'
import { roleOf } from './programs.ts'
import { expandScript, programsIn, type Step } from './scripts.ts'
import { type Package, touched } from './workspaces.ts'

/** What the tests of a change are: the steps that lead to them, and where they were read from. */
export interface TestWork {
  readonly steps: readonly Step[]
  readonly invocations: readonly Invocation[]
  readonly evidence: string
}

export interface WorkRequest {
  readonly tree: TreeReader
  readonly packages: readonly Package[]
  readonly paths: readonly string[]
  readonly jobs: readonly CiTestJob[]
}

/** Scripts that hold tests where `test` does not, the most usual first; `test:…` of any other kind come after them. */
const otherScripts = [
  'test:unit',
  'test-unit',
  'unit',
  'test:node',
  'test:ci',
  'test-ci',
  'ci:test',
  'tests-only',
  'tests',
  'test:run',
  'test:only',
  'test:jest',
  'test:vitest',
  'test:mocha',
  'test:all',
  'mocha',
  'jest',
  'vitest',
  'ava',
  'tap',
  'tape',
  'jasmine',
  'spec',
  'coverage',
  'test:coverage',
  'test:cov',
  'cover',
  'ci',
  'check',
  'verify',
]

/** Frameworks whose bare command runs a suite by its own defaults. */
const bareFrameworks = ['vitest', 'jest', 'mocha', 'ava', 'tap', 'jasmine'] as const

/**
 * The ways to run the tests that the repository itself shows, the most telling first: the root's `test`, the touched packages'
 * own, other test scripts, the workflows' test steps, and at last the bare framework among the dependencies. Each with at
 * least one test program; equal ones once.
 */
export function testWorks(request: WorkRequest): readonly TestWork[] {
  const [root] = request.packages
  if (root === undefined) return []
  const inner = touched(request.packages, request.paths)
  const own = inner.filter((each) => each !== root)
  const found = [
    work(request, scriptsOf(request, [root], ['test']), 'package.json scripts.test'),
    work(request, scriptsOf(request, own, ['test']), 'scripts.test of the touched packages'),
    work(request, firstScript(request, [root]), 'package.json scripts'),
    work(request, firstScript(request, own), 'scripts of the touched packages'),
    ...request.jobs.slice(0, 2).map(({ steps, job }) => work(request, steps, job.from)),
    bare(request.tree, request.packages, inner),
  ]
  return unequal(found.filter((each) => each !== null))
}

function scriptsOf(request: WorkRequest, packages: readonly Package[], names: readonly string[]): readonly Step[] {
  return packages.flatMap((each) => names.flatMap((name) => expandScript(request.packages, each, name) ?? []))
}

/** In each package, the first other script that starts a test program. */
function firstScript(request: WorkRequest, packages: readonly Package[]): readonly Step[] {
  return packages.flatMap((each) => {
    const more = Object.keys(each.manifest.scripts).filter(
      (name) =>
        /^(?:tests?|unit|spec)[:-]/.test(name) && !/watch|debug|update|e2e|lint|types?$|browser|bench/.test(name),
    )
    for (const name of [...otherScripts, ...more]) {
      const step = expandScript(request.packages, each, name)
      if (step !== null && programsIn(step).some((program) => roleOf(program.invocation) === 'test')) return [step]
    }
    return []
  })
}

function work(request: WorkRequest, all: readonly Step[], from: string): TestWork | null {
  const inner = new Set(touched(request.packages, request.paths).map((each) => each.directory))
  const steps = all.flatMap((step) => narrowed(step, inner))
  const tests = steps.flatMap(programsIn).filter((program) => roleOf(program.invocation) === 'test')
  if (tests.length === 0) return null
  const invocations = tests.map(({ invocation }) => invocation)
  const shown = [
    ...new Set(
      invocations.map(({ program, directory }) => (directory === '.' ? program : `${program} in ${directory}`)),
    ),
  ]
  return { steps, invocations, evidence: `tests ← ${from}: ${shown.slice(0, 8).join(', ')}` }
}

/** A task runner's packages cut down to the touched ones; all of them where it reaches none of these. */
function narrowed(step: Step, directories: ReadonlySet<string>): readonly Step[] {
  if (step.kind === 'program') return [step]
  if (step.kind === 'script') return [{ ...step, steps: step.steps.flatMap((inner) => narrowed(inner, directories)) }]
  const kept = step.steps.filter(
    (inner) =>
      inner.kind === 'packages' ||
      directories.has(inner.kind === 'script' ? inner.directory : inner.invocation.directory),
  )
  return [kept.length === 0 ? step : { ...step, steps: kept }]
}

function bare(tree: TreeReader, packages: readonly Package[], inner: readonly Package[]): TestWork | null {
  const [root] = packages
  const invocations = [...inner, ...packages.slice(0, 1)].flatMap((each) => {
    const [name, from] = bareFramework(tree, each)
    if (name === null) return []
    const given = name === 'vitest' ? ['run'] : []
    return [
      {
        program: name,
        arguments: given,
        nodeArguments: [],
        variables: {},
        directory: each.directory,
        from,
      },
    ]
  })
  const first = invocations.find(({ directory }) => directory !== root?.directory) ?? invocations[0]
  return first === undefined
    ? null
    : { steps: [], invocations: [first], evidence: `tests ← ${first.from} of ${first.directory}` }
}

/** The framework that a package has among its dependencies; else the one it configures: a toolkit brings that along. */
function bareFramework(tree: TreeReader, each: Package): readonly [name: string | null, from: string] {
  const listed = bareFrameworks.find((framework) => installed(each.manifest)[framework] !== undefined)
  if (listed !== undefined) return [listed, `${listed} among the dependencies`]
  for (const [name, file] of configurations) {
    const found = tree.paths.find((path) => dirname(path) === each.directory && file.test(basename(path)))
    if (found !== undefined) return [name, found]
  }
  return [null, '']
}

const configurations = [
  ['vitest', /^vitest\.config\.[cm]?[jt]s$/],
  ['jest', /^jest\.config\.(?:[cm]?[jt]s|json)$/],
  ['mocha', /^\.mocharc\.(?:[cm]?js|jsonc?|ya?ml)$/],
  ['ava', /^ava\.config\.[cm]?js$/],
] as const

/** Equal invocations once, the first kept in its place. */
function unequal(works: readonly TestWork[]): readonly TestWork[] {
  const keys = works.map((each) => JSON.stringify(each.invocations.map(({ from: _, ...rest }) => rest)))
  return works.filter((_, index) => keys.indexOf(keys[index] ?? '') === index)
}
