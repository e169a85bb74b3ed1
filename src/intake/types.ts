import type { Change, Evidence, Flag, MergedPull, PullSource, Reason } from '../model/index.ts'

/** How the pull came onto the mainline. `fast-forward`: its own commits as they are; `rebase`: replayed ones. */
export type MergeStyle = 'merge' | 'squash' | 'rebase' | 'fast-forward'

/** What git knows about a merged pull. */
export interface GitFacts {
  /** The mainline commit just before the pull's work. */
  readonly base: string
  readonly style: MergeStyle
  /** From base to merge, renames not paired. */
  readonly changes: readonly Change[]
  /** When the first of the pull's own commits was written; null where they are not known. */
  readonly firstCommitAt: Date | null
  /** The later commit that takes the pull's work back, where it was not put in again. */
  readonly revertedBy: string | null
  /** What the pull closes in other repositories: `owner/name#12`. */
  readonly closesElsewhere: readonly string[]
  readonly flags: readonly Flag[]
}

/** A merged pull, found and whole. */
export interface FoundPull {
  readonly pull: MergedPull
  readonly facts: GitFacts
}

/** A pull that ends at intake, for one stored reason. */
export interface RefusedPull {
  readonly number: number
  readonly title: string
  readonly source: PullSource
  readonly mergeCommit: string | null
  readonly mergedAt: Date | null
  readonly refused: Reason
  readonly evidence: Evidence
}

/** A line of a pulls file that can't be read; the rest goes on. */
export interface BadLine {
  readonly line: number
  readonly problem: string
}

export type Discovery = FoundPull | RefusedPull | BadLine

export function isFound(discovery: Discovery): discovery is FoundPull {
  return 'pull' in discovery
}

export function isBadLine(discovery: Discovery): discovery is BadLine {
  return 'problem' in discovery
}
