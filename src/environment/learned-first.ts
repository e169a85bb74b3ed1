import type { LearnedStrategy } from '../db/learned-strategies.ts'
import type { Proposal } from '../ecosystems/types.ts'

/** Half a year: toolchains and manifests change, and so does what works. */
const HOLDS_MILLISECONDS = 182 * 24 * 3600 * 1000

/**
 * The ladder with the strategy that worked last in this repository before those that failed then. What stands before it and was not seen to
 * fail, a lockfile that is new, say, keeps its place: nothing is tried earlier than something more faithful that may work.
 */
export function learnedFirst(
  proposals: readonly Proposal[],
  learned: LearnedStrategy | null,
  mergedAt: Date,
): readonly Proposal[] {
  if (learned === null || Math.abs(mergedAt.getTime() - learned.mergedAt.getTime()) > HOLDS_MILLISECONDS)
    return proposals
  const at = proposals.findIndex(({ strategy }) => strategy.name === learned.strategy)
  const first = proposals[at]
  if (first === undefined) return proposals
  const before = proposals.slice(0, at)
  // What can't be followed is a failed attempt that says so: it stays where it is read first.
  const stays = before.filter(
    ({ strategy, unfollowed }) => unfollowed !== undefined || !learned.failed.includes(strategy.name),
  )
  const later = before.filter((proposal) => !stays.includes(proposal))
  return [...stays, first, ...later, ...proposals.slice(at + 1)]
}
