import type { Change, Evidence, MergedPull, Refused, StatedPaths } from '../src/model/index.ts'

/** Lines that a change adds and takes away; null for a binary file. */
export type ChangeSize = { readonly added: number; readonly deleted: number } | null

/** What a miner may look at: a merged pull with what git knows of it. */
export interface MinerContext {
  readonly pull: MergedPull
  /** The mainline commit just before the pull's work. */
  readonly base: string
  /** From base to merge, renames not paired. */
  readonly changes: readonly Change[]
  readonly defaultBranch: string
  /** The later commit that takes the work back and still stands, else null. */
  readonly revertedBy: string | null
  /** Sizes by path. Costs a look into the files: ask when all else is in order. */
  readonly sizes: () => Promise<ReadonlyMap<string, ChangeSize>>
  /** Changed source files that hold test items themselves. Reads and parses them: ask where no test file changed. */
  readonly mixedPaths: () => Promise<readonly string[]>
  /** What the owners say of paths; null or left out: nothing. */
  readonly statedPaths?: StatedPaths | null
}

/** A candidate: between which commits the task lies. */
export interface Proposed {
  readonly proposed: {
    readonly base: string
    /** The commit whose tree is the after-state. */
    readonly after: string
    readonly evidence: Evidence
  }
}

/** Proposes merged pulls to make tasks of, or refuses with one reason. It reads only its context, so its answer can be replayed. */
export interface Miner {
  readonly name: string
  readonly title: string
  propose(context: MinerContext): Promise<Proposed | Refused>
}
