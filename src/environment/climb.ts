import type { CandidateContext, SnapshotRow } from '../db/candidates.ts'
import type { LearnedStrategy } from '../db/learned-strategies.ts'
import { ecosystems, involvedEcosystems, isOf } from '../ecosystems/index.ts'
import { type Mirror, openTree } from '../git/index.ts'
import { type Evidence, type Reason, type Refused, refuse } from '../model/index.ts'
import { type Attempt, attemptTogether, type ClimbServices, type Ground } from './attempt.ts'
import { climbLadder, type LadderEnd } from './ladder.ts'

export interface Climbed {
  readonly attempts: readonly Attempt[]
  readonly chosen: Attempt
  /** What the next candidates of the repository may profit from. */
  readonly learned: readonly LearnedStrategy[]
}

/**
 * Tries the strategies of every ecosystem that the change has tests in, until the tests run after the fix; those of several are put together
 * in one environment. Refuses where none works.
 */
export async function climb(
  services: ClimbServices,
  context: CandidateContext,
  snapshot: SnapshotRow,
  mirror: Mirror,
): Promise<Climbed | (Refused & { attempts: readonly Attempt[] })> {
  const tree = await openTree(mirror, snapshot.afterTree)
  const involved = involvedEcosystems(ecosystems, tree, snapshot.changes)
  if (involved.length === 0)
    return { ...refuse('no-ecosystem', { known: ecosystems.map(({ name }) => name) }), attempts: [] }
  const testPaths = snapshot.changes.filter(({ kind }) => kind === 'test' || kind === 'mixed').map(({ path }) => path)
  const deadline = Date.now() + services.ladderSeconds * 1000
  const ends: LadderEnd[] = []
  for (const ecosystem of involved) {
    const tests = involved.length === 1 ? testPaths : testPaths.filter((path) => isOf(ecosystem, path))
    ends.push(
      await climbLadder(services, { context, snapshot, mirror, tree, ecosystems: [ecosystem], tests }, deadline),
    )
  }
  const attempts = ends.flatMap((end) => end.attempts)
  const working = ends.flatMap(({ ground, chosen }) => (chosen === null ? [] : [{ ground, ...chosen }]))
  const [first, ...others] = working
  if (first === undefined) return { ...whyNone(ends), attempts }
  const learned = ends.flatMap((end) => lessonOf(context, end))
  if (others.length === 0) return { ...outcome(attempts, first.attempt, ends), learned }
  const joint = await attemptTogether(
    services,
    groundOfAll(
      working.map(({ ground }) => ground),
      first.ground,
    ),
    working,
  )
  // What can't live together is run with what holds most of the change's tests.
  return { ...outcome([...attempts, joint], joint.outcome === 'works' ? joint : first.attempt, ends), learned }
}

/** All attempts, with the chosen one among them saying what of the change it does not run. */
function outcome(attempts: readonly Attempt[], picked: Attempt, ends: readonly LadderEnd[]): Omit<Climbed, 'learned'> {
  const chosen = saying(picked, ends)
  return { attempts: attempts.map((attempt) => (attempt === picked ? chosen : attempt)), chosen }
}

function groundOfAll(grounds: readonly Ground[], like: Ground): Ground {
  return {
    ...like,
    ecosystems: grounds.flatMap((ground) => ground.ecosystems),
    tests: grounds.flatMap((ground) => ground.tests),
  }
}

/** The attempt, with what of the change it does not run and why in its evidence. */
function saying(attempt: Attempt, ends: readonly LadderEnd[]): Attempt {
  const failed = ends.filter(({ chosen, ground }) => chosen === null || !runs(attempt, ground))
  if (failed.length === 0) return attempt
  const said = failed.map(
    (end) =>
      `not run: ${end.ground.ecosystems[0]?.name} ← ${end.chosen === null ? whyNone([end]).refused : 'not with the rest'}`,
  )
  return { ...attempt, strategy: { ...attempt.strategy, evidence: [...attempt.strategy.evidence, ...said] } }
}

function runs({ strategy }: Attempt, { ecosystems }: Ground): boolean {
  const names = strategy.ecosystem.split('+')
  return ecosystems.every(({ name }) => names.includes(name))
}

function lessonOf({ pull }: CandidateContext, { ground, attempts, chosen }: LadderEnd): LearnedStrategy[] {
  const [ecosystem] = ground.ecosystems
  if (chosen === null || ecosystem === undefined) return []
  const failed = attempts.filter(({ outcome }) => outcome === 'failed').map(({ strategy }) => strategy.name)
  return [{ ecosystem: ecosystem.name, strategy: chosen.proposal.strategy.name, failed, mergedAt: pull.mergedAt }]
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

function whyNone(ends: readonly LadderEnd[]): Refused {
  const tried = ends.flatMap(({ attempts }) => attempts)
  const strategies = tried.map(({ strategy, reason, evidence }) => ({ strategy: strategy.name, reason, ...evidence }))
  const untried = ends.flatMap((end) => end.untried)
  const all = { strategies, ...(untried.length === 0 ? {} : { untried }) }
  if (ends.every(({ proposed }) => !proposed)) return refuse('no-test-framework', all)
  // There was no time for what might have worked: the rest is no verdict on the repository.
  const reason =
    untried.length > 0
      ? 'environment-timeout'
      : (furthest.find((one) => tried.some((attempted) => attempted.reason === one)) ?? 'install-failed')
  const telling = tried.find((attempted) => attempted.reason === reason)
  const detail = detailOf(reason, telling?.evidence ?? {}, untried)
  return refuse(reason, { ...(detail === null ? {} : { detail }), ...all, log: telling?.log ?? null })
}

/** In one line, what an operator would look for first: `python 3.7`, the last words of an install. */
function detailOf(reason: Reason, evidence: Evidence, untried: readonly string[]): string | null {
  if (untried.length > 0) return `no time was left for ${untried.join(', ')}`
  if (reason === 'no-test-framework') {
    const programs = evidence.programs
    return Array.isArray(programs) && programs.length > 0 ? `seen: ${programs.join(', ')}` : null
  }
  const told = evidence.detail ?? evidence.command
  return typeof told === 'string' ? told : null
}
