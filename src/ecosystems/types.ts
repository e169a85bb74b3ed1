import type { EnvironmentSettings, Evidence, Reason, Refused, Strategy, TreeReader } from '../model/index.ts'
import type { ProtocolRegistry, Registry } from '../package-gateway/index.ts'
import type { Invocation, ProjectView } from '../test-frameworks/types.ts'

/** Which version of a tool was meant on a day; the toolchains of the machine answer it. */
export interface ToolVersions {
  /**
   * The highest version that meets `wanted` (a range in the words of the tool's own world; for Node also `lts/*`, `latest` …), was out at
   * that time and can be had on this machine; null: none.
   */
  resolveVersion(name: string, wanted: string, asOf: Date): Promise<string | null>
}

export interface ProvidedTool {
  /** Host folder, mounted read-only at /env/<tool>. */
  readonly folder: string
  /** Names what is in it: `sha512:<hex>` of the package it came from, or what the tool found on the machine says of itself. */
  readonly digest: string
}

/** Brings the tools of an environment to this machine. */
export interface Toolchains extends ToolVersions {
  /**
   * The tool's folder: one kept in Quarry's home, or the machine's own. Refused with `toolchain-not-available` where neither the machine nor
   * the registry has such a version. Throws Fault('registry') where the registry does not answer.
   */
  provide(name: string, version: string): Promise<ProvidedTool | Refused>
}

/** What bringing tools needs of this machine. */
export interface ToolOptions {
  /** Quarry's home; tools go to `toolchains/<tool>-<version>/`. */
  readonly home: string
  /** npm's registry as all owners see it. */
  readonly registry: Registry
  /** The other package registries (`pypi`, `go` …) as all owners see them; null where the machine has no such tool. */
  readonly packages: (protocol: string) => Promise<ProtocolRegistry | null>
  /** The operator's environment: where their tools are. */
  readonly environment: Readonly<Record<string, string | undefined>>
}

export interface ProposeContext {
  /** The after-state: the merge's tree. */
  readonly tree: TreeReader
  readonly changedPaths: readonly string[]
  readonly testPaths: readonly string[]
  readonly mergedAt: Date
  /** What `git describe` would name at the base, and the one tag of every snapshot; null or left out: none. */
  readonly tag?: string | null
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
  /** Names of the languages (`languageOf`) whose files its tools build and test. */
  readonly languages: readonly string[]
  /** The tools that its strategies name in `toolchain`; no two ecosystems have one of the same name. */
  readonly tools: readonly string[]
  openToolchains(options: ToolOptions): Toolchains
  /** `propose` reads the owners' settings (`context.stated`) itself; left out, they are laid over what it proposes (`stated.ts`). */
  readonly followsSettings?: boolean
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
  /**
   * What the manifests ask npm's registry for, as an install sees them (with the strategy's overrides laid over): its gateway makes the view
   * of a date fit together for it. Nothing for other registries.
   */
  needs(tree: TreeReader): Promise<readonly { readonly name: string; readonly range: string }[]>
  /** Globs of what an install may add to a layer (every `node_modules`): all else that it wrote is derived from the sources. */
  readonly layerPaths: readonly string[]
  /** Derived from the repository's own sources, by globs relative to the root: never in a layer. */
  derivedPaths(tree: TreeReader): Promise<readonly string[]>
  /** Reads a failed install's log: the refusal it amounts to and the package or host it names. */
  explain(log: string): {
    readonly reason:
      | 'package-not-available'
      | 'toolchain-not-available'
      | 'install-failed'
      | 'build-failed'
      | 'needs-service'
    readonly detail: string
  }
}
