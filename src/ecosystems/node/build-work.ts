import type { Command, TreeReader } from '../../model/index.ts'
import { buildsBefore, distinct, type RunScript } from './builds.ts'
import type { CiTestJob } from './ci-tests.ts'
import { buildScriptOf, needsBuilding } from './entries.ts'
import { expandScript, type Step } from './scripts.ts'
import { loadsBuilt } from './test-loads.ts'
import type { TestWork } from './test-work.ts'
import { type Package, touched, workspaceDependencies } from './workspaces.ts'

/** One way to build before the tests, with why. */
export interface BuildWork {
  readonly commands: readonly Command[]
  readonly evidence: string
}

export interface BuildRequest {
  readonly tree: TreeReader
  readonly packages: readonly Package[]
  readonly changedPaths: readonly string[]
  readonly testPaths: readonly string[]
  readonly jobs: readonly CiTestJob[]
  readonly runScript: RunScript
  /** PATH of the environment. */
  readonly path: string
}

/**
 * The ways to build before the tests, the one that the evidence speaks for first. Builds are those that the test script
 * runs itself; those of packages that the tests load in built form; and, where nothing shows that they are needed but the
 * workflow or a package's entries speak of a build, one more way with them.
 */
export async function buildWorks(request: BuildRequest, tests: TestWork): Promise<readonly BuildWork[]> {
  const own = distinct(tests.steps.flatMap((step) => buildsBefore(step, request.runScript, request.path)))
  const ownWay = {
    commands: own,
    evidence: own.length === 0 ? 'build ← none in the test script' : `build ← the test script: ${shown(own)}`,
  }
  const homes = homesOf(request, tests)
  const dependencies = workspaceDependencies(request.packages, homes).filter((each) =>
    needsBuilding(request.tree, each),
  )
  const loading = await loadingOwn(
    request,
    homes.filter((each) => own.every(({ directory }) => directory !== each.directory)),
  )
  const needed = distinct([...packageBuilds(request, [...dependencies, ...loading]), ...own])
  const neededWay = { commands: needed, evidence: `build ← what the tests load is not in git: ${shown(needed)}` }
  const inCi = request.jobs.some((job) => job.buildsFirst) || tests.steps.some(fansOutWithBuilds)
  const supposed = distinct([
    ...packageBuilds(request, [
      ...dependencies,
      ...homes.filter(
        (each) => needsBuilding(request.tree, each) && own.every(({ directory }) => directory !== each.directory),
      ),
    ]),
    ...own,
  ])
  const supposedWay = {
    commands: supposed,
    evidence: `build ← ${inCi ? 'the workflow builds before it tests' : 'the entries are not in git'}: ${shown(supposed)}`,
  }
  const sure = loading.length > 0 || (dependencies.length > 0 && (inCi || request.jobs.length === 0))
  const ways = sure ? [neededWay, ownWay] : [ownWay, neededWay, supposedWay]
  return unequal(ways)
}

function unequal(ways: readonly BuildWork[]): readonly BuildWork[] {
  const keys = ways.map((way) => JSON.stringify(way.commands))
  return ways.filter((_, index) => keys.indexOf(keys[index] ?? '') === index)
}

function shown(commands: readonly Command[]): string {
  return commands
    .map(({ argv, directory }) => (directory === '.' ? argv.join(' ') : `${argv.join(' ')} in ${directory}`))
    .join('; ')
}

function fansOutWithBuilds(step: Step): boolean {
  return step.kind === 'packages' ? step.withBuilds : step.kind === 'script' && step.steps.some(fansOutWithBuilds)
}

/** The packages whose tests run: those that the invocations stand in; for the root's own run, the touched ones. */
function homesOf({ packages, changedPaths, testPaths }: BuildRequest, tests: TestWork): readonly Package[] {
  const directories = new Set(tests.invocations.map(({ directory }) => directory))
  const homes = packages.filter((each) => directories.has(each.directory))
  const inner = touched(packages, [...changedPaths, ...testPaths])
  return directories.has('.') && packages.length > 1 ? [...new Set([...homes, ...inner])] : homes
}

async function loadingOwn(request: BuildRequest, homes: readonly Package[]): Promise<readonly Package[]> {
  const loading: Package[] = []
  for (const each of homes) {
    if (
      buildScriptOf(each) !== null &&
      needsBuilding(request.tree, each) &&
      (await loadsBuilt(request.tree, each, request.testPaths))
    )
      loading.push(each)
  }
  return loading
}

function packageBuilds(request: BuildRequest, packages: readonly Package[]): readonly Command[] {
  return packages.flatMap((each) => {
    const name = buildScriptOf(each)
    const step = name === null ? null : expandScript(request.packages, each, name)
    return step === null ? [] : buildsBefore(step, request.runScript, request.path)
  })
}
