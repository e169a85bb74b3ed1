import type { TreeReader } from '../../model/index.ts'
import type { ProjectView } from '../../test-frameworks/types.ts'
import type { Ecosystem, Proposal, ProposeContext } from '../types.ts'
import { type BuildWork, buildWorks } from './build-work.ts'
import type { RunScript } from './builds.ts'
import { capsAt } from './caps.ts'
import { type CiTestJob, ciTestJobs } from './ci-tests.ts'
import { derivedGlobs } from './derived.ts'
import { explainInstall } from './explain.ts'
import { foreignDependencies } from './foreign-dependencies.ts'
import { type InstallRequest, installOf, isClassic, toolsOf } from './installs.ts'
import { keyContent, keyPaths } from './key-files.ts'
import { type Footing, type LadderRequest, ladder, type Rung, statedRung } from './ladder.ts'
import { idleDependencies } from './lean.ts'
import { type Lockfile, readLockfiles } from './lockfiles/index.ts'
import {
  type ChosenManager,
  legacyPeersInCi,
  type ManagerWish,
  settleManager,
  wishedManager,
} from './manager-choice.ts'
import { nativeToBuild } from './native.ts'
import { needs } from './needs.ts'
import { chooseNode, type NodeChoice } from './node-choice.ts'
import { toolPath } from './package-managers.ts'
import { isUnfollowed, statedNode, statedWork, type Unfollowed } from './stated.ts'
import { keepsToLockfile, statedBuild, statedInstall } from './stated-commands.ts'
import { statedName, statedParts, unfollowedProposal } from './stated-strategy.ts'
import { type TestWork, testWorks } from './test-work.ts'
import { openToolchains } from './toolchain.ts'
import { toolNames } from './toolchain-versions.ts'
import { type NodeCiJob, readNodeCi } from './workflows.ts'
import { type Package, readPackages } from './workspaces.ts'

/** JavaScript and TypeScript on Node.js, installed by npm, pnpm or yarn. */
export const node: Ecosystem = {
  name: 'node',
  languages: ['javascript', 'typescript'],
  tools: toolNames,
  openToolchains,
  followsSettings: true,
  detect: (tree) => tree.has('package.json'),
  propose,
  keyPaths,
  keyContent,
  needs,
  layerPaths: [
    '**/node_modules/**',
    '**/node_modules',
    '.yarn/unplugged/**',
    '.yarn/install-state.gz',
    '.yarn/build-state.yml',
  ],
  derivedPaths: async (tree) => derivedGlobs(tree, await readPackages(tree)),
  explain: explainInstall,
}

/** Everything that is read of a tree before any rung is made. */
interface Evidence {
  readonly context: ProposeContext
  readonly packages: readonly Package[]
  readonly ci: readonly NodeCiJob[]
  readonly jobs: readonly CiTestJob[]
  readonly lockfile: Lockfile | null
  readonly footings: readonly Footing[]
  readonly works: readonly TestWork[]
  /** What the owners say and can't be followed. */
  readonly unfollowed: readonly Unfollowed[]
}

/** At most this many proposals: a longer ladder costs more than it wins. */
const mostProposals = 14

async function propose(context: ProposeContext): Promise<readonly Proposal[]> {
  const evidence = await gather(context)
  if (evidence === null) return []
  const request = await ladderOf(evidence)
  const own = ownersRung(evidence, request)
  const rungs = ladder(request)
  const proposals: Proposal[] = []
  for (const rung of [...own, ...rungs]) {
    const isFirst = rung === own[0] || rung === rungs[0]
    for (const proposal of await proposalsOf(evidence, rung, isFirst)) proposals.push(proposal)
  }
  const view = (directory: string) => projectView(context.tree, evidence.lockfile, directory)
  proposals.unshift(...unfollowedProposal(context.stated ?? null, evidence.unfollowed, view))
  return unequal(proposals).slice(0, mostProposals)
}

/** What is proposed twice for different reasons is tried once. */
function unequal(proposals: readonly Proposal[]): readonly Proposal[] {
  const key = ({ strategy: { name: _, evidence: __, ...rest }, invocations }: Proposal): string =>
    JSON.stringify([rest, invocations])
  const keys = proposals.map(key)
  return proposals.filter((_, index) => keys.indexOf(keys[index] ?? '') === index)
}

/** The owners' own way to install, where they state one and all that they state can be followed. */
function ownersRung({ context, unfollowed }: Evidence, request: LadderRequest): readonly Rung[] {
  if (context.stated?.install === undefined || unfollowed.length > 0) return []
  const rung = statedRung(request, request.lockfile === null || !keepsToLockfile(context))
  return rung === null ? [] : [rung]
}

async function gather(context: ProposeContext): Promise<Evidence | null> {
  const { tree } = context
  const packages = await readPackages(tree)
  const [root] = packages
  if (root === undefined) return null
  const ci = await readNodeCi(tree)
  const jobs = ciTestJobs(ci, packages)
  const wish = await wishedManager(tree, root.manifest, await readLockfiles(tree, packages), ci)
  const node = await statedNode(context)
  const choices =
    node === null || isUnfollowed(node)
      ? await chooseNode(tree, root.manifest, jobs, context.mergedAt, context.tools)
      : [node]
  const shown = testWorks({ tree, packages, paths: [...context.changedPaths, ...context.testPaths], jobs })
  const works = await knownFirst(shown, context, wish.lockfile)
  const project = (directory: string) => projectView(tree, wish.lockfile, directory)
  const work = context.stated == null ? null : await statedWork({ context, packages, works, project })
  return {
    context,
    packages,
    ci,
    jobs,
    lockfile: wish.lockfile,
    footings: await footingsOf(choices, wish, context),
    works: work === null || isUnfollowed(work) ? works : [work],
    unfollowed: [node, work].filter(isUnfollowed),
  }
}

async function footingsOf(
  choices: readonly NodeChoice[],
  wish: ManagerWish,
  { mergedAt, tools }: ProposeContext,
): Promise<readonly Footing[]> {
  const footings: Footing[] = []
  for (const choice of choices) {
    const manager = await settleManager(wish, choice.version, mergedAt, tools)
    if (manager !== null) footings.push({ node: choice, manager })
  }
  return footings
}

/** Ways to test that start no framework we have (a browser's, say) come last: most rungs are tried with the first way only. */
async function knownFirst(
  works: readonly TestWork[],
  { tree, recognises }: ProposeContext,
  lockfile: Lockfile | null,
): Promise<readonly TestWork[]> {
  const known = new Set<TestWork>()
  for (const work of works) {
    for (const invocation of work.invocations) {
      if (await recognises(invocation, projectView(tree, lockfile, invocation.directory))) known.add(work)
    }
  }
  return works.toSorted((a, b) => Number(known.has(b)) - Number(known.has(a)))
}

async function ladderOf({ context, packages, ci, lockfile, footings, works }: Evidence): Promise<LadderRequest> {
  const [tests] = works
  return {
    footings,
    lockfile,
    foreign: await foreignDependencies(context.tree, packages, lockfile),
    // Reading every file's imports is dear, and a lockfile names what an install would stumble over.
    idle: tests === undefined || lockfile !== null ? new Set() : await idleDependencies(context.tree, packages, tests),
    native: await nativeToBuild(context.tree, packages, lockfile, footings[0]?.manager ?? null),
    caps: capsAt(context.mergedAt),
    legacyPeers: legacyPeersInCi(ci),
  }
}

/** One rung's proposals: the first rung also with the other ways to test and build, which share its layer. */
async function proposalsOf(evidence: Evidence, rung: Rung, withVariants: boolean): Promise<readonly Proposal[]> {
  const request: InstallRequest = {
    tree: evidence.context.tree,
    packages: evidence.packages,
    lockfile: evidence.lockfile,
    gateway: evidence.context.gateway,
  }
  const ordinary = await installOf(request, rung.install)
  const toolchain = toolsOf(rung.footing.node.version, rung.footing.manager)
  const path = toolPath(Object.keys(toolchain))
  const install =
    rung.name === statedName ? statedInstall(evidence.context, evidence.packages, ordinary, path) : ordinary.install
  const { flags, evidence: why, ...stated } = statedParts(evidence.context.stated ?? null, rung, evidence.unfollowed)
  const none: TestWork = { steps: [], invocations: [], evidence: 'tests ← no test program in any script' }
  const works = evidence.works.length === 0 ? [none] : evidence.works
  const proposals: Proposal[] = []
  for (const work of withVariants ? works.slice(0, 3) : works.slice(0, 1)) {
    const builds = await buildsOf(evidence, rung.footing.manager, path, work)
    for (const build of withVariants && proposals.length < 4 ? builds : builds.slice(0, 1)) {
      proposals.push({
        strategy: {
          name: proposals.length === 0 ? rung.name : `${rung.name}-${proposals.length + 1}`,
          ecosystem: 'node',
          toolchain,
          overrides: ordinary.overrides,
          install,
          build: build.commands,
          variables: { ...runVariables, PATH: path },
          asOf: rung.asOf ? evidence.context.mergedAt.toISOString() : null,
          flags,
          evidence: [...why, work.evidence, build.evidence],
          ...stated,
        },
        invocations: work.invocations,
        project: (directory) => projectView(evidence.context.tree, evidence.lockfile, directory),
      })
    }
  }
  return proposals
}

/** As on the repository's own CI: nothing asks, and no package manager fetches itself or its packages anew to run a script. */
const runVariables: Readonly<Record<string, string>> = {
  CI: 'true',
  YARN_IGNORE_PATH: '1',
  npm_config_manage_package_manager_versions: 'false',
  npm_config_verify_deps_before_run: 'false',
  pnpm_config_pm_on_fail: 'ignore',
  pnpm_config_verify_deps_before_run: 'false',
  npm_config_update_notifier: 'false',
  npm_config_loglevel: 'error',
}

async function buildsOf(
  evidence: Evidence,
  manager: ChosenManager,
  path: string,
  work: TestWork,
): Promise<readonly BuildWork[]> {
  const { tree, changedPaths, testPaths } = evidence.context
  const stated = statedBuild(evidence.context, path)
  if (stated !== null) return [stated]
  return await buildWorks(
    {
      tree,
      packages: evidence.packages,
      changedPaths,
      testPaths,
      jobs: evidence.jobs,
      path,
      runScript: scriptRunner(manager),
    },
    work,
  )
}

/** Berry refuses to run scripts where the lockfile is not the one it installed from; npm needs nothing but the manifest. */
function scriptRunner(manager: ChosenManager): RunScript {
  const program = manager.name === 'yarn' && !isClassic(manager) ? 'npm' : manager.name
  return (script, given) => [
    program,
    'run',
    script,
    ...(given.length === 0 ? [] : program === 'npm' ? ['--', ...given] : given),
  ]
}

function projectView(tree: TreeReader, lockfile: Lockfile | null, directory: string): ProjectView {
  return {
    directory,
    paths: tree.paths,
    read: (path) => tree.read(path),
    lockedVersion: (name) => lockfile?.version(directory, name) ?? null,
  }
}
