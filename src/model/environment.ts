import type { Flag } from './reason.ts'

/** One command: an argument array, never a shell string made of data. `directory` is relative to the repository's root. */
export interface Command {
  readonly argv: readonly string[]
  readonly directory: string
  readonly variables: Readonly<Record<string, string>>
}

/** How one framework is run in one directory; what the framework's `command()` takes. Plain JSON: it is stored with the environment. */
export interface TestPlan {
  readonly framework: string
  /** Relative to the repository's root, "." for the root. */
  readonly directory: string
  /** The framework's major.minor.patch where it is known before the install (from a lockfile), else null. */
  readonly version: string | null
  /** Arguments the repository's own script gives the framework, reporters and output left out. */
  readonly arguments: readonly string[]
  /** `node`'s own arguments that stood before the framework (`--import tsx`, `-r esm`). */
  readonly nodeArguments: readonly string[]
  /** Environment variables that the script sets (`NODE_ENV=test`). */
  readonly variables: Readonly<Record<string, string>>
}

/** A way to make an environment, as an ecosystem proposes it: data, so that it can be stored, keyed and replayed. */
export interface Strategy {
  /** `lockfile`, `as-of`, `lockfile-trimmed` …: what sets it apart on the ladder. */
  readonly name: string
  readonly ecosystem: string
  /** Tool → exact version, e.g. { node: '20.18.0', pnpm: '9.12.1' }; each is mounted at /env/<tool>. */
  readonly toolchain: Readonly<Record<string, string>>
  /**
   * Files that the install sees instead of the repository's own (a trimmed manifest, a rewritten lockfile); null takes one away. In
   * a stored strategy `content` is the digest of the blob that holds it.
   */
  readonly overrides: readonly { readonly path: string; readonly content: string | null }[]
  readonly install: readonly Command[]
  /** Run after the patches in every run, never kept in a layer. */
  readonly build: readonly Command[]
  /**
   * Run once on the base tree, before any patch, on each machine that runs the task; what it writes lies below every run. So a run compiles what
   * its patches touch, and nothing else. Only for tools that see by themselves what is stale, by content or by time stamp; left out: none.
   */
  readonly prebuild?: readonly Command[]
  /** In `prebuild`'s stead for states that are run many times, where most patches touch all that a base's would hold. */
  readonly compile?: readonly Command[]
  readonly tests: readonly TestPlan[]
  /** Variables of every command of this environment. */
  readonly variables: Readonly<Record<string, string>>
  /** Resolve unlocked dependencies as of this time (ISO); null: the lockfile says it all. */
  readonly asOf: string | null
  /** Paths that a layer may hold though the repository's build wrote them: none by default. */
  readonly flags: readonly Flag[]
  /** Where each choice came from: `node 20.18.0 ← .nvmrc`. */
  readonly evidence: readonly string[]
  /** The owners' settings that it follows, by their names, as they stand in the file; left out: none. */
  readonly stated?: Readonly<Record<string, unknown>>
}
