import { posix } from 'node:path'
import { readCi } from '../../ci/read-ci.ts'
import type { Strategy, TreeReader } from '../../model/index.ts'
import type { ProjectView } from '../../test-frameworks/types.ts'
import type { Proposal, ProposeContext } from '../types.ts'
import { touchedPackages } from './dependants.ts'
import { chooseGo, type GoChoice } from './go-choice.ts'
import { readGoWork } from './go-mod.ts'
import { importPathOf } from './import-path.ts'
import { goVariables, installCommands, prebuildCommands, putModule } from './installs.ts'
import { type LockedModules, lockedModules } from './locked.ts'
import { type Module, moduleOf, readModules } from './modules.ts'
import { invocationOf, type TestWork, testJobs, testWork } from './test-work.ts'
import { lineOf } from './versions.ts'

/** What sets one rung apart. */
interface Rung {
  readonly name: string
  readonly choice: GoChoice
  readonly mod: 'mod' | null
  readonly lenient: boolean
  readonly asOf: boolean
  /** Only the packages that the change touches, and what imports them. */
  readonly narrow?: boolean
  /** With the commits of a lockfile from before modules. */
  readonly locked?: boolean
}

interface Evidence {
  readonly context: ProposeContext
  readonly modules: readonly Module[]
  readonly work: TestWork
  /** The import path of a repository that has no go.mod; null: it has one. */
  readonly makes: string | null
  /** What its lockfile names. */
  readonly locked: LockedModules | null
  /** A go.work that does not use all of these modules would refuse to work in them. */
  readonly alone: boolean
}

export async function propose(context: ProposeContext): Promise<readonly Proposal[]> {
  const { tree, mergedAt, tools, stated } = context
  const all = await readModules(tree)
  const modules = touchedModules(all, context)
  const jobs = await testJobs(tree, await readCi(tree))
  const request = {
    tree,
    modules,
    jobs: jobs.map(({ job }) => job),
    mergedAt,
    tools,
    stated: stated?.toolchain?.go ?? null,
  }
  const { choices, wanted } = await chooseGo(request)
  if (choices.length === 0) return [unavailable(context, wanted)]
  const makes = modules.length === 0 ? await importPathOf(tree) : null
  if (modules.length === 0 && makes === null) return []
  const evidence = {
    context,
    modules: makes === null ? modules : [bare(makes)],
    work: testWork(jobs),
    makes,
    locked: makes === null ? null : await lockedModules(tree, makes),
    alone: await leavesOut(tree, modules),
  }
  const proposals: Proposal[] = []
  for (const rung of makes === null ? rungs(choices) : madeRungs(choices, evidence.locked !== null)) {
    const proposal = await proposalOf(evidence, rung)
    if (proposal !== null) proposals.push(proposal)
  }
  return proposals
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
    { ...plain, name: 'modules-touched', narrow: true },
    { ...plain, name: 'modules-as-of', mod: 'mod', asOf: true },
    { ...plain, name: 'modules-lenient', lenient: true },
    ...others.map((choice) => ({ ...plain, name: `modules-go-${choice.version}`, choice, lenient: true })),
  ]
}

/** Whether there is a workspace at the root that some of these modules are not in. */
async function leavesOut(tree: TreeReader, modules: readonly Module[]): Promise<boolean> {
  const text = await tree.read('go.work')
  if (text === null) return false
  const used = new Set(readGoWork(text).map((folder) => posix.join('.', folder).replace(/(?<=.)\/$/, '')))
  return modules.some(({ directory }) => !used.has(directory))
}

/** From before modules: a go.mod is made, with what a lockfile names and the rest of the day; then all of the day. */
function madeRungs(choices: readonly GoChoice[], isLocked: boolean): readonly Rung[] {
  return choices.flatMap((choice, at) => {
    const rung = {
      name: `made${at === 0 ? '' : `-go-${choice.version}`}`,
      choice,
      mod: 'mod',
      lenient: false,
      asOf: true,
    } as const
    const locked = isLocked && at === 0 ? [{ ...rung, name: 'made-locked', locked: true }] : []
    return [...locked, rung, { ...rung, name: `${rung.name}-lenient`, lenient: true }]
  })
}

function bare(module: string): Module {
  return { directory: '.', mod: { module, go: null, toolchain: null, requires: [], localReplacements: [] } }
}

/** Null: the rung would do what another does. */
async function proposalOf(evidence: Evidence, rung: Rung): Promise<Proposal | null> {
  const { context, modules, work, makes, alone } = evidence
  const directories = modules.map(({ directory }) => directory)
  const packages = await packagesOf(context, modules, rung)
  if (packages === null) return null
  const flags = work.flags.filter(isBuildFlag)
  const locked = rung.locked === true ? evidence.locked : null
  const made = makes === null ? null : { path: makes, line: lineOf(rung.choice.version), locked: locked?.modules ?? [] }
  const build = { directories, flags, gateway: context.gateway, lenient: rung.lenient, makes: made }
  const strategy: Omit<Strategy, 'tests'> = {
    name: rung.name,
    ecosystem: 'go',
    toolchain: { go: rung.choice.version },
    overrides: [],
    install: installCommands(build),
    build: makes === null ? [] : [putModule()],
    prebuild: makes === null ? prebuildCommands(directories, flags) : [],
    variables: {
      ...goVariables(rung.choice.version, rung.mod),
      ...(alone || rung.mod !== null ? { GOWORK: 'off' } : {}),
    },
    asOf: rung.asOf ? context.mergedAt.toISOString() : null,
    flags: [],
    evidence: [
      rung.choice.evidence,
      work.from,
      ...(locked === null ? [] : [`versions ← ${locked.from}, where the proxy has them`]),
    ],
  }
  return {
    strategy,
    invocations: directories.map((directory, at) => invocationOf(work, directory, packages[at] ?? ['./...'])),
    project: viewOf(context),
  }
}

/** For each module, what of it is tested; null: a narrow rung that leaves nothing out. */
async function packagesOf(
  { tree, changedPaths }: ProposeContext,
  modules: readonly Module[],
  { narrow }: Rung,
): Promise<readonly (readonly string[])[] | null> {
  if (narrow !== true) return modules.map(() => ['./...'])
  const packages: (readonly string[] | null)[] = []
  for (const module of modules)
    packages.push(
      await touchedPackages(
        tree,
        module,
        changedPaths.filter((path) => moduleOf(modules, path) === module),
      ),
    )
  return packages.every((each) => each === null) ? null : packages.map((each) => each ?? ['./...'])
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
  const unfollowed = {
    reason: 'toolchain-not-available',
    evidence: { detail: `go ${wanted.replace(/^[>~=]+/, '')}` },
  } as const
  return { strategy, invocations: [], project: viewOf(context), unfollowed }
}
