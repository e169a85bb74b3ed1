/** An action that a job uses, with what it gives it: `actions/setup-python`, { 'python-version': ['3.12', '3.13'] }. */
export interface CiSetup {
  /** Without its version: `actions/setup-go`. */
  readonly action: string
  /** What stands behind the `@`, as in `dtolnay/rust-toolchain@stable`; null: nothing. */
  readonly ref: string | null
  /** Each input's values, the matrix multiplied out, in order; expressions that can't be read are left out. */
  readonly inputs: Readonly<Record<string, readonly string[]>>
}

/** One `run` step, filled from the combination of the matrix that is nearest to the default on Linux. */
export interface CiRun {
  readonly text: string
  /** Relative to the root. */
  readonly directory: string
  readonly variables: Readonly<Record<string, string>>
}

/** One job of the repository's own continuous integration: evidence of how an environment is made, never executed as it stands. */
export interface CiJob {
  /** Where it stands: `.github/workflows/ci.yml job test`. */
  readonly from: string
  /** It runs on Linux, or does not say. */
  readonly linux: boolean
  /** It runs for every push or pull, or does not say; false: only by a clock, by hand, or for a release. */
  readonly everyPush: boolean
  /** The image that its steps run in; null: the runner itself. */
  readonly container: string | null
  /** Images of its service containers: databases and the like, which no sandbox has. */
  readonly services: readonly string[]
  readonly setups: readonly CiSetup[]
  readonly runs: readonly CiRun[]
}
