import { readCi } from '../../ci/read-ci.ts'
import type { Strategy } from '../../model/index.ts'
import type { ProjectView } from '../../test-frameworks/types.ts'
import type { Proposal, ProposeContext } from '../types.ts'
import { chooseGo, type GoChoice } from './go-choice.ts'
import { goVariables, installCommands } from './installs.ts'
import { type Module, moduleOf, readModules } from './modules.ts'
import { invocationOf, type TestWork, testJobs, testWork } from './test-work.ts'

/** What sets one rung apart. */
interface Rung {
  readonly name: string
  readonly choice: GoChoice
  readonly mod: 'mod' | null
  readonly lenient: boolean
  readonly asOf: boolean
}

interface Evidence {
  readonly context: ProposeContext
  readonly modules: readonly Module[]
  readonly work: TestWork
}

export async function propose(context: ProposeContext): Promise<readonly Proposal[]> {
  const { tree, mergedAt, tools, stated } = context
  const all = await readModules(tree)
  const modules = touchedModules(all, context)
  const jobs = testJobs(await readCi(tree))
  const request = { tree, modules, jobs, mergedAt, tools, stated: stated?.toolchain?.go ?? null }
  const { choices, wanted } = await chooseGo(request)
  if (choices.length === 0) return [unavailable(context, wanted)]
  if (modules.length === 0) return []
  const evidence = { context, modules, work: testWork(jobs) }
  return rungs(choices).map((rung) => proposalOf(evidence, rung))
}

/** The modules that hold files of the change's tests; where none does, of its sources; the root's where nothing tells. */
function touchedModules(modules: readonly Module[], { testPaths, changedPaths }: ProposeContext): readonly Module[] {
  for (const paths of [testPaths, changedPaths]) {
    const code = paths.filter((path) => path.endsWith('.go'))
    const touched = modules.filter((module) => code.some((path) => moduleOf(modules, path) === module))
    if (touched.length > 0) return touched
  }
  return modules.slice(0, 1)
}

/** The same Go with what go.mod says; then with what it lacks; then as far as it goes; then another Go. */
function rungs(choices: readonly GoChoice[]): readonly Rung[] {
  const [first, ...others] = choices
  if (first === undefined) return []
  const plain = { choice: first, mod: null, lenient: false, asOf: false }
  return [
    { ...plain, name: 'modules' },
    { ...plain, name: 'modules-as-of', mod: 'mod', asOf: true },
    { ...plain, name: 'modules-lenient', lenient: true },
    ...others.map((choice) => ({ ...plain, name: `modules-go-${choice.version}`, choice, lenient: true })),
  ]
}

function proposalOf({ context, modules, work }: Evidence, rung: Rung): Proposal {
  const directories = modules.map(({ directory }) => directory)
  const strategy: Omit<Strategy, 'tests'> = {
    name: rung.name,
    ecosystem: 'go',
    toolchain: { go: rung.choice.version },
    overrides: [],
    install: installCommands({
      directories,
      flags: work.flags.filter(isBuildFlag),
      gateway: context.gateway,
      lenient: rung.lenient,
    }),
    build: [],
    variables: goVariables(rung.choice.version, rung.mod),
    asOf: rung.asOf ? context.mergedAt.toISOString() : null,
    flags: [],
    evidence: [rung.choice.evidence, work.from],
  }
  return {
    strategy,
    invocations: directories.map((directory) => invocationOf(work, directory, ['./...'])),
    project: viewOf(context),
  }
}

function isBuildFlag(flag: string): boolean {
  return /^-(?:tags|ldflags|gcflags|asmflags|mod)=/.test(flag)
}

function viewOf({ tree }: ProposeContext): (directory: string) => ProjectView {
  return (directory) => ({ directory, paths: tree.paths, read: (path) => tree.read(path), lockedVersion: () => null })
}

function unavailable(context: ProposeContext, wanted: string): Proposal {
  const strategy = {
    name: 'modules',
    ecosystem: 'go',
    toolchain: {},
    overrides: [],
    install: [],
    build: [],
    variables: {},
    asOf: null,
    flags: [],
    evidence: [],
  }
  const unfollowed = { reason: 'toolchain-not-available', evidence: { detail: `go ${wanted}` } } as const
  return { strategy, invocations: [], project: viewOf(context), unfollowed }
}
