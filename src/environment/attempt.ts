import type { Blobs, Digest } from '../blobs/types.ts'
import type { CandidateContext, SnapshotRow } from '../db/candidates.ts'
import type { Ecosystem, Proposal, ToolVersions } from '../ecosystems/types.ts'
import { Fault } from '../errors.ts'
import type { Mirror } from '../git/index.ts'
import type { Evidence, Reason, Strategy, TestPlan, TreeReader, TreeSettings } from '../model/index.ts'
import { recognise } from '../test-frameworks/index.ts'
import type { RunRecord } from '../test-runs/types.ts'
import { isWorthDropping } from './build-need.ts'
import {
  type EnvironmentRow,
  type EnvironmentServices,
  type Provided,
  providedOf,
  provideEnvironment,
  type UsableEnvironment,
} from './provide.ts'
import { judge, type Standing } from './standing.ts'
import { together } from './together.ts'

export interface ClimbServices extends EnvironmentServices {
  /** Unpacks and mounts what a built environment needs, runs the after-state on it, and lets it go. */
  readonly runAfter: (
    context: CandidateContext,
    snapshot: SnapshotRow,
    mirror: Mirror,
    strategy: Strategy,
    environment: UsableEnvironment,
  ) => Promise<RunRecord>
  /** What the owners say of how that tree is installed and tested. */
  readonly settingsAt: (context: CandidateContext, mirror: Mirror, tree: string) => Promise<TreeSettings>
  readonly tools: ToolVersions
  /** For all strategies of a candidate; what is under way is not cut short. */
  readonly ladderSeconds: number
  /** Where an install finds the package gateway. */
  readonly gatewayAddress: string
}

export interface Attempt {
  readonly strategy: Strategy
  readonly environment: EnvironmentRow | null
  readonly outcome: 'works' | 'failed'
  readonly reason: Reason | null
  readonly evidence: Evidence
  readonly log: Digest | null
  /** Its after-runs: none where nothing was installed, two where tests of the change failed in the first. */
  readonly records: readonly RunRecord[]
  readonly standing: Standing | null
}

/** What is tried: one candidate, the tree with its fix, and the ecosystems that its strategies are of. */
export interface Ground {
  readonly context: CandidateContext
  readonly snapshot: SnapshotRow
  readonly mirror: Mirror
  readonly tree: TreeReader
  readonly ecosystems: readonly Ecosystem[]
  /** Files of the change that hold tests of these ecosystems. */
  readonly tests: readonly string[]
}

export async function attempt(services: ClimbServices, ground: Ground, proposal: Proposal): Promise<Attempt> {
  const strategy: Strategy = { ...proposal.strategy, tests: await plansOf(proposal) }
  if (proposal.unfollowed === undefined && strategy.tests.length > 0)
    return build(services, ground, proposal.strategy, strategy.tests)
  const stored = await withOverridesAside(services.blobs, strategy)
  const none = { strategy: stored, environment: null, records: [], standing: null, log: null }
  if (proposal.unfollowed !== undefined) return { ...none, outcome: 'failed', ...proposal.unfollowed }
  const programs = proposal.invocations.map(({ program, from }) => `${program} (${from})`)
  return { ...none, outcome: 'failed', reason: 'no-test-framework', evidence: { programs: programs.slice(0, 20) } }
}

/** What works for each ecosystem by itself, put together in one environment. */
export async function attemptTogether(
  services: ClimbServices,
  ground: Ground,
  working: readonly { readonly attempt: Attempt; readonly proposal: Proposal }[],
): Promise<Attempt> {
  services.signal?.throwIfAborted()
  const { strategy, tests } = together(
    working.map(({ attempt: { strategy: chosen }, proposal }) => ({ strategy: chosen, proposal })),
  )
  return build(services, ground, strategy, tests)
}

/** Builds the environment, or finds it, and runs the after-state on it. */
async function build(
  services: ClimbServices,
  ground: Ground,
  proposed: Omit<Strategy, 'tests'>,
  tests: Strategy['tests'],
): Promise<Attempt> {
  const strategy = await withOverridesAside(services.blobs, { ...proposed, tests })
  const provided = await provideEnvironment(services, {
    ecosystems: ground.ecosystems,
    strategy: proposed,
    mirror: ground.mirror,
    tree: ground.tree,
    owner: ownerOf(ground.context),
    candidate: ground.context.candidate,
  })
  if (provided.usable !== null) return run(services, ground, strategy, provided)
  const environment = await provided.stored
  return {
    strategy,
    environment,
    records: [],
    standing: null,
    outcome: 'failed',
    reason: environment.reason,
    evidence: withStated(strategy, environment.evidence),
    log: environment.log,
  }
}

/** Runs the after-state on an environment, while it may still be stored, and says how the strategy stands. */
async function run(
  services: ClimbServices,
  { context, snapshot, mirror, tests, tree }: Ground,
  strategy: Strategy,
  provided: Provided,
): Promise<Attempt> {
  const { usable } = provided
  if (usable === null) throw new Fault('layer', 'tests were to be run on an environment that was not built')
  const [ran, stored] = await Promise.allSettled([
    services.runAfter(context, snapshot, mirror, strategy, usable),
    provided.stored,
  ])
  await provided.release()
  if (stored.status === 'rejected') throw stored.reason
  if (ran.status === 'rejected') throw ran.reason
  // The lease was lost, and another machine built the same: what was seen here says nothing of that.
  if (stored.value.layer !== usable.layer)
    throw new Fault('lease-lost', 'another machine stored this environment while its tests ran here')
  const record = ran.value
  const standing = judge(record, tests, await submodulesOf(tree))
  const { digest: log } = await services.blobs.put(record.log)
  const heard = standing.works ? withoutSilent(strategy, record) : { strategy, record }
  return {
    strategy: heard.strategy,
    records: [heard.record],
    environment: stored.value,
    standing,
    log,
    outcome: standing.works ? 'works' : 'failed',
    reason: standing.works ? null : standing.reason,
    evidence: standing.works ? standing.evidence : withStated(strategy, standing.evidence),
  }
}

async function submodulesOf(tree: TreeReader): Promise<readonly string[]> {
  const text = tree.has('.gitmodules') ? await tree.read('.gitmodules') : null
  return Array.from(
    (text ?? '').matchAll(/^[ \t]*path[ \t]*=[ \t]*(?<path>\S.*?)[ \t\r]*$/gm),
    ({ groups }) => groups?.path ?? '',
  )
}

/**
 * A working attempt run once more where tests of the change failed: a test that fails now and then is no reason to install anything
 * else. Both runs are kept, so that validation sees what was flaky.
 */
export async function repeated(services: ClimbServices, ground: Ground, first: Attempt): Promise<Attempt> {
  const { environment, standing, outcome } = first
  if (outcome !== 'works' || environment === null || standing === null || standing.failingTouched === 0) return first
  services.signal?.throwIfAborted()
  const again = await run(services, ground, first.strategy, providedOf(environment))
  if (again.standing === null || again.outcome !== 'works') return first
  return {
    ...first,
    records: [...first.records, ...again.records],
    standing: again.standing.failingTouched < standing.failingTouched ? again.standing : standing,
    evidence: { ...first.evidence, failing_touched_again: again.standing.failingTouched },
  }
}

/**
 * The chosen attempt's environment run without its builds, where these take long beside the tests. What reads as if tests loaded a
 * built file is often mapped to the sources by their configuration; every run and every grade would pay for the build.
 */
export async function withoutBuild(services: ClimbServices, ground: Ground, chosen: Attempt): Promise<Attempt | null> {
  const { environment, strategy } = chosen
  const [record] = chosen.records
  // A build that the owners ask for stays, whatever it costs.
  if (strategy.stated !== undefined && 'environment.build' in strategy.stated) return null
  if (environment === null || record === undefined || !isWorthDropping(record)) return null
  services.signal?.throwIfAborted()
  return run(services, ground, { ...strategy, name: `${strategy.name}-unbuilt`, build: [] }, providedOf(environment))
}

/** A failure under settings of the owners' quotes them. */
function withStated({ stated }: Strategy, evidence: Evidence): Evidence {
  return stated === undefined ? evidence : { ...evidence, settings: stated }
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

/** Private registries' credentials and install caches belong to the repository's owner. */
function ownerOf(context: CandidateContext): string {
  return context.repository.name.split('/')[0] ?? context.repository.name
}
