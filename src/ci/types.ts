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

/** An environment that a task runner (tox, nox, hatch) makes before it runs its commands. */
export interface TaskEnvironment {
  readonly runner: 'tox' | 'nox' | 'hatch'
  /** `py312-django42`, `tests`. */
  readonly name: string
  /** Where it stands: `tox.ini testenv:docs`. */
  readonly from: string
  /** The interpreter that it names (`3.12`, `python3.9`, `pypy3`); null: none, or whatever it was started with. */
  readonly python: string | null
  /** What it installs, in the words of pip: `pytest>=7`, `-rrequirements/tests.txt`, `.[test]`, `-e.`. */
  readonly dependencies: readonly string[]
  readonly extras: readonly string[]
  /** PEP 735 groups. */
  readonly groups: readonly string[]
  /** How the repository's own package gets in; `no`: it does not, or its commands do it. */
  readonly project: 'installed' | 'editable' | 'no'
  readonly variables: Readonly<Record<string, string>>
  /** Relative to the root. */
  readonly directory: string
  /** As they stand, substitutions done. */
  readonly commands: readonly string[]
}

/** A simple command that a step or task comes to, wrappers and task runners seen through. */
export interface SeenCommand {
  /** The program and its arguments: `pytest`, `-x` for `uv run python -m pytest -x`. */
  readonly words: readonly string[]
  /** `NAME=value` right before it. */
  readonly assignments: Readonly<Record<string, string>>
  /** All that is set for it, its assignments included. */
  readonly variables: Readonly<Record<string, string>>
  /** Relative to the root. */
  readonly directory: string
  /** The trail that leads to it: `.github/workflows/ci.yml job test › Makefile test`. */
  readonly from: string
  /** What it stood in, outermost first: `['uv', 'run', '--extra=test']`, `['python', '-m']`. */
  readonly wrappers: readonly (readonly string[])[]
  /** The environment that a task runner makes for it, the innermost; null: none. */
  readonly environment: TaskEnvironment | null
  /** It needs a shell: pipes, redirections, substitutions or variables that nobody knows. */
  readonly shell: boolean
  /** As written where it was found. */
  readonly text: string
}
