import type { CandidateContext, SnapshotRow } from '../db/candidates.ts'
import { ecosystems } from '../ecosystems/index.ts'
import type { Proposal } from '../ecosystems/types.ts'
import { type Mirror, openTree } from '../git/index.ts'
import { type Reason, type Refused, refuse, settingsPath, type TreeSettings } from '../model/index.ts'
import { recognises } from '../test-frameworks/index.ts'
import { type Attempt, attempt, type ClimbServices, type Ground, repeated, withoutBuild } from './attempt.ts'
import { passesAllOf } from './build-need.ts'

/** How many further working strategies are tried where one works but leaves the change's own tests failing. */
const betterTries = 2

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
  const ground = { context, snapshot, mirror, tree, ecosystem, tests }
  const proposals = await propose(services, ground)
  const tried: Attempt[] = []
  for (const [at, proposal] of proposals.entries()) {
    services.signal?.throwIfAborted()
    const first = await attempt(services, ground, proposal)
    const isRepeated = tried.some(({ records }) => records.length > 1)
    tried.push(isRepeated || at === proposals.length - 1 ? first : await repeated(services, ground, first))
    if (isEnough(tried)) break
  }
  const chosen = best(tried)
  if (chosen === null) return { ...whyNone(tried, proposals), attempts: tried }
  const lighter = await withoutBuild(services, ground, chosen)
  if (lighter === null) return { attempts: tried, chosen }
  const isAsGood = passesAllOf(lighter.records[0], chosen.records[0])
  return { attempts: [...tried, lighter], chosen: isAsGood ? lighter : chosen }
}

async function propose(
  services: ClimbServices,
  { context, snapshot, mirror, tree, ecosystem, tests }: Ground,
): Promise<readonly Proposal[]> {
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
  return withMistakes(proposed, stated)
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
