/** A locked package that no registry has: it comes from a git host, a bare URL or a branch. */
export interface Foreign {
  readonly name: string
  /** Where the lockfile takes it from. */
  readonly source: string
}

export type LockfileKind = 'npm' | 'yarn-classic' | 'yarn-berry' | 'pnpm'

/** What a lockfile says, whatever wrote it. */
export interface Lockfile {
  readonly kind: LockfileKind
  /** Relative to the root. */
  readonly path: string
  /** The format's own number (`lockfileVersion`, berry's `__metadata.version`). */
  readonly format: string | null
  readonly content: string
  /** The exact version of `name` as the package in `directory` gets it; null where it is not locked. */
  version(directory: string, name: string): string | null
  readonly foreign: readonly Foreign[]
  /** Packages that compile or fetch a native part when they are installed. */
  readonly native: readonly string[]
  /** The lockfile without its foreign packages and whatever mentions them. */
  withoutForeign(): string
}
