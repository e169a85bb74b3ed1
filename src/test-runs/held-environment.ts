import type { Strategy } from '../model/index.ts'
import type { RunRecord, Selection } from './types.ts'

/** An environment that is unpacked, mounted and kept on this machine while its holder works with it. */
export interface HeldEnvironment {
  readonly strategy: Strategy
  readonly folders: { readonly snapshot: string; readonly layers: readonly string[] }
  /**
   * Runs the tests on a tree: what differs from the snapshot's base tree is put on top of it. Waits for its cores.
   */
  run(tree: string, selection: Selection, options?: RunOptions): Promise<RunRecord>
}

export interface RunOptions {
  /** Nothing that an earlier run built is used. */
  readonly anew?: boolean
  /** One of many runs of this tree, which share one build of it. */
  readonly repeated?: boolean
  /** A shorter time than any run has here, builds and tests together. */
  readonly seconds?: number
}
