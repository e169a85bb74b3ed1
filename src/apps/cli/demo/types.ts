/** Path → new content; null deletes the file. */
export type Files = Readonly<Record<string, string | Buffer | null>>

interface SampleCommit {
  readonly message: string
  readonly files: Files
}

/** One pull request of the sample repository. */
export interface SamplePull {
  readonly number: number
  readonly title: string
  readonly body: string
  readonly user: { readonly login: string; readonly type: 'User' | 'Bot' }
  /** How it was merged; `closed` never was. */
  readonly style: 'merge' | 'squash' | 'rebase' | 'closed'
  readonly issue: {
    readonly number: number
    readonly title: string
    readonly body: string
    readonly hint?: string
  } | null
  readonly commits: readonly SampleCommit[]
}
