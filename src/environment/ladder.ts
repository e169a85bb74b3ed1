import { learnedStrategy } from '../db/learned-strategies.ts'
import { type Proposal, proposalsOf } from '../ecosystems/index.ts'
import { settingsPath, type TreeSettings } from '../model/index.ts'
import { recognises } from '../test-frameworks/index.ts'
import { type Attempt, attempt, type ClimbServices, type Ground, repeated, withoutBuild } from './attempt.ts'
import { passesAllOf } from './build-need.ts'
import { learnedFirst } from './learned-first.ts'

/** How many further working strategies are tried where one works but leaves the change's own tests failing. */
const betterTries = 2

/** One ecosystem's ladder, climbed. */
export interface LadderEnd {
  readonly ground: Ground
  readonly attempts: readonly Attempt[]
  /** What works best, with the proposal that it is of; null: nothing does. */
  readonly chosen: { readonly attempt: Attempt; readonly proposal: Proposal } | null
  /** The ecosystem had something to try. */
  readonly proposed: boolean
  /** Strategies that there was no time for. */
  readonly untried: readonly string[]
}

/** Tries the strategies of the ground's one ecosystem in turn until the tests run after the fix, or the time is over (`deadline`, milliseconds). */
export async function climbLadder(services: ClimbServices, ground: Ground, deadline: number): Promise<LadderEnd> {
  const proposals = await propose(services, ground)
  const tried: { attempt: Attempt; proposal: Proposal }[] = []
  let isHopeless = false
  for (const [at, proposal] of proposals.entries()) {
    services.signal?.throwIfAborted()
    // The first is always tried: time that others took is not its fault.
    if (at > 0 && Date.now() > deadline) break
    const first = await attempt(services, ground, proposal)
    const isRepeated = tried.some(({ attempt: { records } }) => records.length > 1)
    const isLast = at === proposals.length - 1
    tried.push({ proposal, attempt: isRepeated || isLast ? first : await repeated(services, ground, first) })
    const attempts = tried.map((each) => each.attempt)
    isHopeless = isBeyondStrategies(attempts)
    if (isHopeless || isEnough(attempts)) break
  }
  const end = {
    ground,
    proposed: proposals.length > 0,
    attempts: tried.map((each) => each.attempt),
    untried: (isHopeless ? [] : proposals.slice(tried.length)).map(({ strategy }) => strategy.name),
  }
  const chosen = best(tried)
  const lighter = chosen === null ? null : await withoutBuild(services, ground, chosen.attempt)
  if (chosen === null || lighter === null) return { ...end, chosen }
  const isAsGood = passesAllOf(lighter.records[0], chosen.attempt.records[0])
  return {
    ...end,
    attempts: [...end.attempts, lighter],
    chosen: isAsGood ? { ...chosen, attempt: lighter } : chosen,
  }
}

async function propose(
  services: ClimbServices,
  { context, snapshot, mirror, tree, ecosystems: [ecosystem], tests }: Ground,
): Promise<readonly Proposal[]> {
  if (ecosystem === undefined) return []
  const stated = await services.settingsAt(context, mirror, snapshot.afterTree)
  const proposed = await proposalsOf(ecosystem, {
    tree,
    changedPaths: snapshot.changes.map(({ path }) => path),
    testPaths: tests,
    mergedAt: context.pull.mergedAt,
    tag: snapshot.tag,
    tools: services.tools,
    recognises,
    gateway: services.gatewayAddress,
    stated: stated.environment,
  })
  const learned = await learnedStrategy(services.db, context.repository.id, ecosystem.name)
  return learnedFirst(withMistakes(proposed, stated), learned, context.pull.mergedAt)
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

/** Two strategies failed, and the tests of both wanted something of the same submodule: so would the rest. */
export function isBeyondStrategies(tried: readonly Pick<Attempt, 'outcome' | 'standing'>[]): boolean {
  const missing = tried.flatMap(({ standing }) => standing?.missingSubmodule ?? [])
  return new Set(missing).size < missing.length && tried.every(({ outcome }) => outcome === 'failed')
}

/** The working attempt with the fewest failures among the change's own tests; the first of equals. */
function best<T extends { readonly attempt: Attempt }>(tried: readonly T[]): T | null {
  let chosen: T | null = null
  for (const candidate of tried) {
    const { outcome, standing } = candidate.attempt
    if (outcome !== 'works' || standing === null) continue
    const known = chosen?.attempt.standing
    if (known == null || standing.failingTouched < known.failingTouched) chosen = candidate
  }
  return chosen
}
