import { readCi } from '../../ci/read-ci.ts'
import type { TreeReader } from '../../model/index.ts'
import type { ProjectView } from '../../test-frameworks/types.ts'
import type { Ecosystem, Proposal, ProposeContext } from '../types.ts'
import { explainInstall } from './explain.ts'
import { gemsFolder, type Install, installs } from './installs.ts'
import { loadedElsewhere } from './loaded-gems.ts'
import { chooseRuby, type RubyChoice } from './ruby-choice.ts'
import { type TestWork, testWorks } from './test-work.ts'
import { openToolchains } from './toolchains.ts'

const manifest = /^(?:Gemfile|gems\.rb|[^/]+\.gemspec|Rakefile|\.rspec|\.ruby-version)$/
const keyFile =
  /^(?:Gemfile|Gemfile\.lock|gems\.(?:rb|locked)|\.ruby-version|[^/]+\.gemspec|(?:gemfiles\/)?[^/]+\.gemfile)$/

/** Ruby of the machine, with the gems that its packages brought. */
export const ruby: Ecosystem = {
  name: 'ruby',
  languages: ['ruby'],
  tools: ['ruby', 'gems'],
  openToolchains,
  detect: (tree) => tree.paths.some((path) => manifest.test(path)),
  propose,
  keyPaths: async (tree) => tree.paths.filter((path) => keyFile.test(path)),
  keyContent: (_, text) => text,
  needs: async () => [],
  layerPaths: [`${gemsFolder}/**`],
  derivedPaths: async () => [],
  explain: explainInstall,
}

async function propose(context: ProposeContext): Promise<readonly Proposal[]> {
  const { tree, mergedAt, tools, testPaths } = context
  const jobs = await readCi(tree)
  const choice = await chooseRuby(tree, jobs, mergedAt, tools)
  const works = await knownFirst(context, await testWorks(tree, jobs))
  const gems = choice.version === null ? null : await tools.resolveVersion('gems', choice.version, mergedAt)
  if (choice.version === null || gems === null) return [missing(choice, works[0], tree)]
  const gemfile = ['Gemfile', 'gems.rb'].find((path) => tree.has(path)) ?? null
  const manifests = {
    gemfile,
    hasLockfile: tree.has(gemfile === 'gems.rb' ? 'gems.locked' : 'Gemfile.lock'),
    hasGemspec: tree.paths.some((path) => /^[^/]+\.gemspec$/.test(path)),
  }
  const ways = installs(manifests, await loadedElsewhere(tree, testPaths))
  const toolchain = { ruby: choice.version, gems }
  return ways.flatMap((install, rung) =>
    // The last needs least: it is tried with every way to test.
    works
      .slice(0, rung === ways.length - 1 ? works.length : 1)
      .map((work, at) => proposalOf(tree, { toolchain, choice, install, work, at })),
  )
}

interface Parts {
  readonly toolchain: Readonly<Record<string, string>>
  readonly choice: RubyChoice
  readonly install: Install
  readonly work: TestWork
  readonly at: number
}

function proposalOf(tree: TreeReader, { toolchain, choice, install, work, at }: Parts): Proposal {
  return {
    strategy: {
      name: at === 0 ? install.name : `${install.name}-${at + 1}`,
      ecosystem: 'ruby',
      toolchain,
      overrides: install.overrides,
      install: install.commands,
      build: [],
      variables: { ...always, ...install.variables },
      asOf: null,
      flags: install.flags,
      evidence: [choice.evidence, install.evidence, work.evidence],
    },
    invocations: work.invocations,
    project: (directory) => viewOf(tree, directory),
  }
}

/** Ruby by the name that the strategy's version has; nothing is looked for in the home or with a registry. */
const always: Readonly<Record<string, string>> = {
  PATH: '/env/ruby/bin:/usr/local/bin:/usr/bin:/bin',
  GEM_HOME: `/testbed/${gemsFolder}/gems`,
  BUNDLE_APP_CONFIG: `/testbed/${gemsFolder}/bundle`,
  BUNDLE_DISABLE_VERSION_CHECK: 'true',
  BUNDLE_IGNORE_CONFIG: 'true',
  CI: 'true',
}

function missing({ wanted, evidence }: RubyChoice, work: TestWork | undefined, tree: TreeReader): Proposal {
  const strategy = {
    ...{ name: 'none', ecosystem: 'ruby', toolchain: {}, overrides: [], install: [], build: [], variables: {} },
    ...{ asOf: null, flags: [], evidence: [evidence] },
  }
  return {
    strategy,
    invocations: work?.invocations ?? [],
    project: (directory) => viewOf(tree, directory),
    unfollowed: { reason: 'toolchain-not-available', evidence: { detail: wanted } },
  }
}

/** Ways to test that start no framework we have come last. */
async function knownFirst(
  { tree, recognises }: ProposeContext,
  works: readonly TestWork[],
): Promise<readonly TestWork[]> {
  const known = new Set<TestWork>()
  for (const work of works) {
    for (const invocation of work.invocations) {
      if (await recognises(invocation, viewOf(tree, invocation.directory))) known.add(work)
    }
  }
  return works.toSorted((a, b) => Number(known.has(b)) - Number(known.has(a)))
}

function viewOf(tree: TreeReader, directory: string): ProjectView {
  return { directory, paths: tree.paths, read: (path) => tree.read(path), lockedVersion: () => null }
}
