import type { StatedPaths } from './repository-settings.ts'

/** What a changed path is for. `source` is the fix; `test` and `test-support` are the test patch; the rest goes with the fix. */
export type PathKind =
  | 'test'
  | 'test-support'
  | 'source'
  | 'docs'
  | 'changelog'
  | 'manifest'
  | 'lockfile'
  | 'ci'
  | 'generated'
  | 'vendored'
  | 'mixed'

/** One changed path between two trees (git's raw diff, renames not paired). */
export interface Change {
  readonly path: string
  readonly status: 'added' | 'deleted' | 'modified' | 'type-changed'
  readonly oldMode: string
  readonly newMode: string
  readonly oldBlob: string | null
  readonly newBlob: string | null
}

export interface KindedChange extends Change {
  readonly kind: PathKind
}

/** A read-only view of one git tree. Paths use `/`, are relative to the root, and are unquoted. */
export interface TreeReader {
  readonly tree: string
  readonly paths: readonly string[]
  has(path: string): boolean
  /** UTF-8 text, or null where the path is missing, a link or a submodule. */
  read(path: string): Promise<string | null>
  blobOf(path: string): string | null
}

/** The pull's work put back out: three trees and the two patches between them. */
export interface Snapshot {
  readonly baseCommit: string
  /** What the agent starts from. */
  readonly baseTree: string
  /** Base with the test patch: the before-state. */
  readonly beforeTree: string
  /** Base with both patches: the after-state, the merge's tree. */
  readonly afterTree: string
  readonly fixPatch: Buffer
  readonly testPatch: Buffer
  readonly changes: readonly KindedChange[]
}

/** Paths (globs relative to the root) that belong to the tests, as the frameworks' configuration says. */
export interface TestPaths {
  /** Globs of test files; empty where the configuration says nothing beyond the framework's defaults. */
  readonly tests: readonly string[]
  /** Globs of support: set-up files, snapshots, fixtures. */
  readonly support: readonly string[]
  /** Configuration of the runner itself: put back before grading. */
  readonly configuration: readonly string[]
  /** What the owners say of paths in their settings; it goes above all else. */
  readonly stated?: StatedPaths
}

export interface Statement {
  readonly title: string
  /** Title and body of the issues: the default. */
  readonly issue: string
  /** Comments older than the pull, kept apart. */
  readonly hints: string
}
