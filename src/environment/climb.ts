import type { Blobs, Digest } from '../blobs/types.ts'
import type { CandidateContext, SnapshotRow } from '../db/candidates.ts'
import { ecosystems } from '../ecosystems/index.ts'
import type { Ecosystem, Proposal, ToolVersions } from '../ecosystems/types.ts'
import { type Mirror, openTree } from '../git/index.ts'
import {
  type Evidence,
  type Reason,
  type Refused,
  refuse,
  type Strategy,
  settingsPath,
  type TestPlan,
  type TreeReader,
  type TreeSettings,
} from '../model/index.ts'
import { recognise, recognises } from '../test-frameworks/index.ts'
import type { RunRecord } from '../test-runs/types.ts'
import { isWorthDropping, passesAllOf } from './build-need.ts'
import { type EnvironmentRow, type EnvironmentServices, provideEnvironment } from './provide.ts'
import { judge, type Standing } from './standing.ts'

export interface ClimbServices extends EnvironmentServices {
  /** Unpacks and mounts what a built environment needs, runs the after-state on it, and lets it go. */
  readonly runAfter: (
    context: CandidateContext,
    snapshot: SnapshotRow,
    mirror: Mirror,
    strategy: Strategy,
    environment: EnvironmentRow,
  ) => Promise<RunRecord>
  /** What the owners say of how that tree is installed and tested. */
  readonly settingsAt: (context: CandidateContext, mirror: Mirror, tree: string) => Promise<TreeSettings>
  readonly tools: ToolVersions
  /** Where an install finds the package gateway. */
  readonly gatewayAddress: string
}

/** How many further working strategies are tried where one works but leaves the change's own tests failing. */
const betterTries = 2

export interface Attempt {
  readonly strategy: Strategy
  readonly environment: EnvironmentRow | null
  readonly outcome: 'works' | 'failed'
  readonly reason: Reason | null
  readonly evidence: Evidence
  readonly log: Digest | null
  readonly record: RunRecord | null
  readonly standing: Standing | null
}

export interface Climbed {
  readonly attempts: readonly Attempt[]
  readonly chosen: Attempt
}

/** Tries the ladder's strategies in turn until the tests run after the fix; refuses where none of them does. */
export async function climb(
  services: ClimbServices,
  context: CandidateContext,
  snapshot: SnapshotRow,
  mirror: Mirror,
): Promise<Climbed | (Refused & { attempts: readonly Attempt[] })> {
  const tree = await openTree(mirror, snapshot.afterTree)
  const ecosystem = ecosystems.find((candidate) => candidate.detect(tree))
  if (ecosystem === undefined)
    return { ...refuse('no-ecosystem', { known: ecosystems.map(({ name }) => name) }), attempts: [] }
  const tests = snapshot.changes.filter(({ kind }) => kind === 'test' || kind === 'mixed').map(({ path }) => path)
  const stated = await services.settingsAt(context, mirror, snapshot.afterTree)
  const proposed = await ecosystem.propose({
    tree,
    changedPaths: snapshot.changes.map(({ path }) => path),
    testPaths: tests,
    mergedAt: context.pull.mergedAt,
    tools: services.tools,
    recognises,
    gateway: services.gatewayAddress,
    stated: stated.environment,
  })
  const proposals = withMistakes(proposed, stated)
  const tried: Attempt[] = []
  for (const proposal of proposals) {
    services.signal?.throwIfAborted()
    tried.push(await attempt(services, context, snapshot, mirror, tree, ecosystem, proposal, tests))
    if (isEnough(tried)) break
  }
  const chosen = best(tried)
  if (chosen === null) return { ...whyNone(tried, proposals), attempts: tried }
  const lighter = await withoutBuild(services, context, snapshot, mirror, chosen, tests)
  if (lighter === null) return { attempts: tried, chosen }
  const isAsGood = passesAllOf(lighter.record, chosen.record)
  return { attempts: [...tried, lighter], chosen: isAsGood ? lighter : chosen }
}

async function attempt(
  services: ClimbServices,
  context: CandidateContext,
  snapshot: SnapshotRow,
  mirror: Mirror,
  tree: TreeReader,
  ecosystem: Ecosystem,
  proposal: Proposal,
  tests: readonly string[],
): Promise<Attempt> {
  const strategy: Strategy = { ...proposal.strategy, tests: await plansOf(proposal) }
  const stored = await withOverridesAside(services.blobs, strategy)
  const none = { strategy: stored, environment: null, record: null, standing: null, log: null }
  if (proposal.unfollowed !== undefined) return { ...none, outcome: 'failed', ...proposal.unfollowed }
  if (strategy.tests.length === 0) {
    const programs = proposal.invocations.map(({ program, from }) => `${program} (${from})`)
    return { ...none, outcome: 'failed', reason: 'no-test-framework', evidence: { programs: programs.slice(0, 20) } }
  }
  const environment = await provideEnvironment(services, {
    ecosystem,
    strategy: proposal.strategy,
    mirror,
    tree,
    owner: ownerOf(context),
    candidate: context.candidate,
  })
  if (environment.state === 'failed') {
    return {
      ...none,
      environment,
      outcome: 'failed',
      reason: environment.reason,
      evidence: withStated(stored, environment.evidence),
      log: environment.log,
    }
  }
  const record = await services.runAfter(context, snapshot, mirror, strategy, environment)
  return attempted(services, stored, environment, record, tests)
}

async function attempted(
  services: ClimbServices,
  stored: Strategy,
  environment: EnvironmentRow,
  record: RunRecord,
  tests: readonly string[],
): Promise<Attempt> {
  const standing = judge(record, tests)
  const { digest: log } = await services.blobs.put(record.log)
  const heard = standing.works ? withoutSilent(stored, record) : { strategy: stored, record }
  return {
    ...heard,
    environment,
    standing,
    log,
    outcome: standing.works ? 'works' : 'failed',
    reason: standing.works ? null : standing.reason,
    evidence: standing.works ? standing.evidence : withStated(stored, standing.evidence),
  }
}

/**
 * The chosen attempt's environment run without its builds, where these take long beside the tests. What reads as if tests loaded a
 * built file is often mapped to the sources by their configuration; every run and every grade would pay for the build.
 */
async function withoutBuild(
  services: ClimbServices,
  context: CandidateContext,
  snapshot: SnapshotRow,
  mirror: Mirror,
  chosen: Attempt,
  tests: readonly string[],
): Promise<Attempt | null> {
  const { environment, record, strategy } = chosen
  // A build that the owners ask for stays, whatever it costs.
  if (strategy.stated !== undefined && 'environment.build' in strategy.stated) return null
  if (environment === null || record === null || !isWorthDropping(record)) return null
  services.signal?.throwIfAborted()
  const lighter = { ...strategy, name: `${strategy.name}-unbuilt`, build: [] }
  const seen = await services.runAfter(context, snapshot, mirror, lighter, environment)
  return attempted(services, lighter, environment, seen, tests)
}

/** A failure under settings of the owners' quotes them. */
function withStated({ stated }: Strategy, evidence: Evidence): Evidence {
  return stated === undefined ? evidence : { ...evidence, settings: stated }
}

/** Settings that can't be read are followed by nobody, and every strategy says so. */
function withMistakes(proposals: readonly Proposal[], { problems }: TreeSettings): readonly Proposal[] {
  if (problems.length === 0) return proposals
  const said = problems.slice(0, 3).map(({ line, path, message }) => `${settingsPath} line ${line}: ${path} ${message}`)
  return proposals.map((proposal) => ({
    ...proposal,
    strategy: {
      ...proposal.strategy,
      flags: [...proposal.strategy.flags, 'settings-not-followed'],
      evidence: [...proposal.strategy.evidence, ...said.map((line) => `not followed: ${line}`)],
    },
  }))
}

/** Rewritten lockfiles are large and the same for many candidates: rows name them by their digest, and the blobs hold them once. */
async function withOverridesAside(blobs: Blobs, strategy: Strategy): Promise<Strategy> {
  const overrides: { path: string; content: string | null }[] = []
  for (const { path, content } of strategy.overrides) {
    overrides.push({ path, content: content === null ? null : (await blobs.put(Buffer.from(content))).digest })
  }
  return { ...strategy, overrides }
}

/** Plans that reported nothing while others did are no part of the environment: a linter taken for a test, a framework not installed. */
function withoutSilent(strategy: Strategy, record: RunRecord): { strategy: Strategy; record: RunRecord } {
  const plans = record.plans.filter((plan) => plan.tests.length > 0)
  if (plans.length === record.plans.length) return { strategy, record }
  const tests = strategy.tests.filter((_, at) => (record.plans[at]?.tests.length ?? 0) > 0)
  return {
    strategy: { ...strategy, tests },
    record: { ...record, plans, ending: { ended: 'completed', statuses: record.ending.statuses } },
  }
}

async function plansOf(proposal: Proposal): Promise<TestPlan[]> {
  const plans = new Map<string, TestPlan>()
  for (const invocation of proposal.invocations) {
    const plan = await recognise(invocation, proposal.project(invocation.directory))
    if (plan !== null) plans.set(JSON.stringify(plan), plan)
  }
  return [...plans.values()]
}

function isEnough(tried: readonly Attempt[]): boolean {
  const working = tried.filter(({ outcome }) => outcome === 'works')
  return working.some(({ standing }) => standing?.failingTouched === 0) || working.length > betterTries
}

/** The working attempt with the fewest failures among the change's own tests; the first of equals. */
function best(tried: readonly Attempt[]): Attempt | null {
  let chosen: Attempt | null = null
  for (const candidate of tried) {
    if (candidate.outcome !== 'works' || candidate.standing === null) continue
    if (chosen?.standing == null || candidate.standing.failingTouched < chosen.standing.failingTouched)
      chosen = candidate
  }
  return chosen
}

/** How telling a reason is, the most telling first: how far a strategy came before it failed. */
const furthest: readonly Reason[] = [
  'timed-out',
  'out-of-memory',
  'needs-service',
  'needs-network',
  'tests-do-not-run-after',
  'build-failed',
  'environment-too-large',
  'environment-timeout',
  'package-not-available',
  'install-failed',
  'toolchain-not-available',
  'no-test-framework',
]

function whyNone(tried: readonly Attempt[], proposals: readonly Proposal[]): Refused {
  const strategies = tried.map(({ strategy, reason, evidence }) => ({ strategy: strategy.name, reason, ...evidence }))
  if (proposals.length === 0) return refuse('no-test-framework', { strategies })
  const reason = furthest.find((one) => tried.some((attempted) => attempted.reason === one)) ?? 'install-failed'
  return refuse(reason, { strategies, log: tried.find((attempted) => attempted.reason === reason)?.log ?? null })
}

/** Private registries' credentials and install caches belong to the repository's owner. */
function ownerOf(context: CandidateContext): string {
  return context.repository.name.split('/')[0] ?? context.repository.name
}
