import type { Strategy, TreeReader } from '../model/index.ts'
import type { Invocation, ProjectView } from '../test-frameworks/types.ts'

export interface ProposeContext {
  /** The after-state: the merge's tree. */
  readonly tree: TreeReader
  readonly changedPaths: readonly string[]
  readonly testPaths: readonly string[]
  readonly mergedAt: Date
}

/** A test-less strategy with the programs its test scripts start; the environment stage asks the frameworks which they know. */
export interface Proposal {
  readonly strategy: Omit<Strategy, 'tests'>
  readonly invocations: readonly Invocation[]
  readonly project: (directory: string) => ProjectView
}

export interface Ecosystem {
  readonly name: string
  detect(tree: TreeReader): boolean
  /** Ordered: cheapest and most faithful first. Empty: nothing to try. */
  propose(context: ProposeContext): Promise<readonly Proposal[]>
  /** Names the files that, with toolchain, commands and platform, make the layer's key: manifests, lockfiles, patches, rc files. */
  keyPaths(tree: TreeReader): readonly string[]
  /** Derived from the repository's own sources, by globs relative to the root: never in a layer. */
  derivedPaths(tree: TreeReader): Promise<readonly string[]>
  /** Reads a failed install's log: the refusal it amounts to and the package or host it names. */
  explain(log: string): { readonly reason: 'package-not-available' | 'toolchain-not-available' | 'install-failed' | 'needs-service'; readonly detail: string }
}
