import type { EnvironmentSettings, Evidence, Reason, Refused, Strategy, TreeReader } from '../model/index.ts'
import type { Invocation, ProjectView } from '../test-frameworks/types.ts'

export type ToolName = 'node' | 'npm' | 'pnpm' | 'yarn'

/** Which version of a tool was meant on a day; the toolchains of the machine answer it. */
export interface ToolVersions {
  /** The highest version that meets `wanted` (a range; for Node also `lts/*`, `latest` …) and was out at that time; null: none. */
  resolveVersion(name: ToolName, wanted: string, asOf: Date): Promise<string | null>
}

/** Brings the tools of an environment to this machine. */
export interface Toolchains {
  /** A folder with `bin/<tool>`, kept in Quarry's home; refused where the registry has no such version for this machine. */
  provide(name: string, version: string): Promise<{ readonly folder: string; readonly digest: string } | Refused>
}

export interface ProposeContext {
  /** The after-state: the merge's tree. */
  readonly tree: TreeReader
  readonly changedPaths: readonly string[]
  readonly testPaths: readonly string[]
  readonly mergedAt: Date
  readonly tools: ToolVersions
  /** Whether a test framework that we have runs this. */
  readonly recognises: (invocation: Invocation, project: ProjectView) => Promise<boolean>
  /** Where an install finds the package gateway, e.g. `http://127.0.0.1:4873`. */
  readonly gateway: string
  /** What the owners say of the environment; null or left out: nothing. It goes above all that is read elsewhere. */
  readonly stated?: EnvironmentSettings | null
}

/** A test-less strategy with the programs its test scripts start; the environment stage asks the frameworks which they know. */
export interface Proposal {
  readonly strategy: Omit<Strategy, 'tests'>
  readonly invocations: readonly Invocation[]
  readonly project: (directory: string) => ProjectView
  /** What the owners say can't be followed: there is nothing to try, but a failed attempt that says so. */
  readonly unfollowed?: { readonly reason: Reason; readonly evidence: Evidence }
}

export interface Ecosystem {
  readonly name: string
  detect(tree: TreeReader): boolean
  /** Ordered: cheapest and most faithful first. Empty: nothing to try. */
  propose(context: ProposeContext): Promise<readonly Proposal[]>
  /**
   * A key file's text without what can't change an install (a manifest's version and description), so that a release does not
   * build a new environment.
   */
  keyContent(path: string, text: string): string
  /** Names the files that, with toolchain, commands and platform, make the layer's key: manifests, lockfiles, patches, rc files. */
  keyPaths(tree: TreeReader): Promise<readonly string[]>
  /** What the manifests ask package registries for, as an install sees them (with the strategy's overrides laid over). */
  needs(tree: TreeReader): Promise<readonly { readonly name: string; readonly range: string }[]>
  /** Globs of what an install may add to a layer (every `node_modules`): all else that it wrote is derived from the sources. */
  readonly layerPaths: readonly string[]
  /** Derived from the repository's own sources, by globs relative to the root: never in a layer. */
  derivedPaths(tree: TreeReader): Promise<readonly string[]>
  /** Reads a failed install's log: the refusal it amounts to and the package or host it names. */
  explain(log: string): {
    readonly reason: 'package-not-available' | 'toolchain-not-available' | 'install-failed' | 'needs-service'
    readonly detail: string
  }
}
