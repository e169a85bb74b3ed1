import { posix } from 'node:path'
import { readCi } from '../../ci/read-ci.ts'
import type { Strategy, TreeReader } from '../../model/index.ts'
import type { Invocation, ProjectView } from '../../test-frameworks/types.ts'
import type { Ecosystem, Proposal, ProposeContext } from '../types.ts'
import { type CargoCall, cargoTests } from './ci-tests.ts'
import { derivedPaths } from './derived.ts'
import { type Doctests, doctestsOf } from './doctests.ts'
import { explainInstall } from './explain.ts'
import { askedFeatures, missingFeatures } from './features.ts'
import { type GitDependency, gitDependencies, inWords, neededFromGit } from './git-dependencies.ts'
import { cargoFolder, installCommands, lockFolder, prebuildCommands, standInsFolder, targetFolder } from './installs.ts'
import { keyContent, keyPaths } from './key-files.ts'
import { ladder, type Rung, worksOf } from './ladder.ts'
import { readManifests } from './manifest.ts'
import { chooseRust, type RustWish, rustWishes } from './rust-choice.ts'
import { type StandIns, standIns } from './stand-ins.ts'
import { openToolchains } from './toolchains.ts'
import { rustFlags } from './variables.ts'
import { type Workspace, workspacesOf } from './workspaces.ts'

/** Rust, built by cargo. */
export const rust: Ecosystem = {
  name: 'rust',
  languages: ['rust'],
  tools: ['rust'],
  openToolchains,
  detect: (tree) => tree.paths.some((path) => posix.basename(path) === 'Cargo.toml'),
  propose,
  keyPaths,
  keyContent,
  needs: async () => [],
  layerPaths: [
    `${cargoFolder}/config.toml`,
    `${cargoFolder}/registry/**`,
    `${standInsFolder}/**`,
    `${lockFolder}/Cargo.lock`,
    `${targetFolder}/.rustc_info.json`,
    `${targetFolder}/debug/deps/lib*`,
    `${targetFolder}/debug/{build,.fingerprint}/**`,
  ],
  derivedPaths,
  explain: explainInstall,
}

async function propose(context: ProposeContext): Promise<readonly Proposal[]> {
  const { tree } = context
  const manifests = await readManifests(tree)
  const [workspace] = workspacesOf(manifests, [...context.testPaths, ...context.changedPaths])
  if (workspace === undefined) return []
  const jobs = await readCi(tree)
  const wishes = await rustWishes(tree, workspace, jobs)
  const choices = await chooseRust(wishes, context.mergedAt, context.tools)
  const asked = await askedFeatures(tree, workspace, [...context.testPaths, ...context.changedPaths])
  const calls = await cargoTests(tree, jobs, workspace, asked)
  const doctests = await doctestsOf(tree, context.changedPaths, calls)
  const lockfile = posix.join(workspace.directory, 'Cargo.lock')
  const fromGit = gitDependencies(workspace)
  const needed = neededFromGit(workspace, fromGit, [...context.testPaths, ...context.changedPaths])
  const stand = standIns(fromGit, await tree.read(lockfile))
  const rungs = ladder({
    choices: choices.length > 0 ? choices : [{ version: wishes[0]?.channel ?? 'stable', evidence: 'no Rust will do' }],
    works: worksOf(calls, (flags) => missingFeatures(flags, asked, workspace)),
    hasLockfile: tree.has(lockfile),
    leftOut: (stand === null ? [] : fromGit).map((each) => `left out: ${inWords(each)}`),
  })
  const proposals = await Promise.all(rungs.map((rung) => proposalOf(context, workspace, rung, { stand, doctests })))
  const unfollowed = choices.length === 0 ? noRust(wishes) : unreachable(needed)
  return unfollowed === null ? proposals : proposals.map((proposal) => ({ ...proposal, unfollowed }))
}

/** What is changed can't be compiled without them. */
function unreachable(needed: readonly GitDependency[]): NonNullable<Proposal['unfollowed']> | null {
  const [first] = needed
  if (first === undefined) return null
  return {
    reason: 'package-not-available',
    evidence: { detail: inWords(first), address: first.url, all: needed.slice(0, 20).map(inWords) },
  }
}

/** No toolchain of this machine will do: there is nothing to try. */
function noRust(wishes: readonly RustWish[]): NonNullable<Proposal['unfollowed']> {
  const [wish] = wishes
  return {
    reason: 'toolchain-not-available',
    evidence: { detail: `rust ${wish?.channel ?? 'stable'}`, wanted_by: wish?.from ?? null },
  }
}

async function proposalOf(
  context: ProposeContext,
  workspace: Workspace,
  rung: Rung,
  { stand, doctests }: { readonly stand: StandIns | null; readonly doctests: Doctests },
): Promise<Proposal> {
  const { tree, gateway, mergedAt } = context
  const own = (await readManifests(tree)).flatMap(({ package: name }) => name ?? [])
  const strategy: Omit<Strategy, 'tests'> = {
    name: rung.name,
    ecosystem: 'rust',
    toolchain: { rust: rung.choice.version },
    overrides: stand === null ? [] : [{ path: posix.join(workspace.directory, 'Cargo.lock'), content: stand.lockfile }],
    install: installCommands({
      ...{ directory: workspace.directory, gateway, own, flags: rung.work.flags, way: rung.way },
      standIns: stand,
    }),
    build: [],
    prebuild: prebuildCommands(workspace.directory, rung.work.flags),
    variables: {
      PATH: '/env/rust/bin:/usr/local/bin:/usr/bin:/bin',
      CARGO_HOME: `/testbed/${cargoFolder}`,
      CARGO_TARGET_DIR: `/testbed/${targetFolder}`,
      CARGO_NET_OFFLINE: 'true',
      CARGO_INCREMENTAL: '0',
      CARGO_TERM_COLOR: 'never',
      CARGO_PROFILE_DEV_DEBUG: '0',
      RUSTFLAGS: await rustFlags(tree, workspace, rung.work.call),
      CI: 'true',
    },
    asOf: rung.asOf ? mergedAt.toISOString() : null,
    flags: rung.flags,
    evidence: [rung.choice.evidence, ...rung.evidence, ...(doctests.evidence === null ? [] : [doctests.evidence])],
  }
  return {
    strategy,
    invocations: [invocationOf(workspace, rung, doctests)],
    project: (directory) => viewOf(tree, directory),
  }
}

function invocationOf({ directory }: Workspace, { work }: Rung, { files }: Doctests): Invocation {
  return {
    program: 'cargo',
    arguments: ['test', ...work.flags, ...files.map((path) => `--doc=${path}`)],
    nodeArguments: [],
    variables: plainVariables(work.call),
    directory,
    from: work.call?.from ?? 'cargo test',
  }
}

/** What a CI step sets for the tests themselves; how cargo builds and reports is settled here. */
function plainVariables(call: CargoCall | null): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(call?.variables ?? {}).filter(
      ([name]) => !/^(?:CARGO|RUSTC?|RUSTUP|RUSTDOC|MIRI|CI$|PATH$|LLVM|GITHUB|SCCACHE)/.test(name),
    ),
  )
}

function viewOf(tree: TreeReader, directory: string): ProjectView {
  return { directory, paths: tree.paths, read: (path) => tree.read(path), lockedVersion: () => null }
}
