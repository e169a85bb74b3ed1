import type { ReportedTest, RunEnding, Strategy } from '../model/index.ts'
import type { SandboxMount } from '../sandboxes/types.ts'
import type { KeptBuilds } from './kept-builds.ts'

/** An environment on this machine, ready to run: the unpacked layers and the mounted toolchain. */
export interface ReadyEnvironment {
  readonly strategy: Strategy
  /** Host folders to lay under the snapshot at /testbed. */
  readonly layers: readonly string[]
  readonly mounts: readonly SandboxMount[]
}

export interface RunLimits {
  /** Wall time of the whole run: builds and tests. */
  readonly seconds: number
  readonly memoryMiB: number
}

/** For each test plan of the strategy: the files to run, all of them (null), or none of that plan (an empty list). */
export type Selection = readonly (readonly string[] | null)[] | null

/** A host folder with new files under `files` and the paths to take away in `deleted`, each ended by a NUL. */
export interface StateChanges {
  readonly folder: string
  readonly deletes: boolean
}

export interface RunRequest {
  /** Host folder of the laid-out snapshot. */
  readonly base: string
  /** What makes the state out of the snapshot, for this run alone; null: the snapshot as it is. */
  readonly changes: StateChanges | null
  /** Host folder of the state as `buildState` left it, changes and builds, in place of both; null: this run does them. */
  readonly built: string | null
  readonly environment: ReadyEnvironment
  readonly selection: Selection
  readonly limits: RunLimits
  /** Look whether the builds write over files that the repository holds: that takes a walk through what they wrote. */
  readonly watchBuilds: boolean
  /** Waits for the run's cores, and has them while `work` goes on. */
  readonly onCores: <T>(work: (cores: readonly number[]) => Promise<T>) => Promise<T>
  /** The builds of this very state are taken from there, where they are kept, and shown to it. */
  readonly builds?: { readonly tree: string; readonly kept: KeptBuilds }
  readonly signal?: AbortSignal
}

/** What one plan of the strategy gave. */
export interface PlanOutcome {
  readonly framework: string
  readonly tests: readonly ReportedTest[]
  readonly complete: boolean
  readonly exitCode: number | null
  readonly seconds: number
}

export interface RunRecord {
  readonly ending: RunEnding
  readonly exitCode: number | null
  readonly seconds: { readonly prepare: number; readonly build: number; readonly test: number }
  readonly peakMib: number | null
  /** The builds wrote over files that the repository itself holds; null: nobody asked. */
  readonly buildWroteOver: boolean | null
  readonly plans: readonly PlanOutcome[]
  /** The tail of what the commands printed. */
  readonly log: Buffer
}
