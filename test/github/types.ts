/** The words of the world that the server plays. Dates are ISO 8601 texts, as GitHub gives them. */

export interface Account {
  readonly id: number
  readonly login: string
  readonly type: 'User' | 'Organization'
}

export type Level = 'read' | 'write'

export interface Installation {
  readonly id: number
  readonly account: Account
  readonly selection: 'all' | 'selected'
  readonly createdAt: string
  permissions: Readonly<Record<string, Level>>
  suspendedAt: string | null
  deleted: boolean
}

export interface InstallationSeed {
  readonly account: string
  readonly type?: Account['type']
  readonly selection?: Installation['selection']
  /** Default: reads what Quarry reads, and writes checks. */
  readonly permissions?: Readonly<Record<string, Level>>
}

export interface Repository {
  readonly id: number
  readonly nodeId: string
  readonly gitDir: string
  readonly defaultBranch: string
  readonly createdAt: string
  readonly pulls: Map<number, Pull>
  readonly issues: Map<number, Issue>
  /** What a login may do, where it is more than nothing (private) or reading (public). */
  readonly collaborators: Map<string, Permission>
  /** `null`: the App is not installed there, which public repositories may be. */
  installation: Installation | null
  fullName: string
  private: boolean
  archived: boolean
  deleted: boolean
  /** Long ago, until a test says otherwise: its git does not tell. */
  pushedAt: string
  /** Grows whenever a pull is added or replaced. */
  version: number
}

export type Permission = 'admin' | 'write' | 'read' | 'none'

export interface RepositorySeed {
  readonly installation: Installation | null
  readonly fullName: string
  readonly private?: boolean
  /** Absolute path of a bare git repository, which is read and never written. */
  readonly gitDir: string
  readonly defaultBranch?: string
}

export interface Comment {
  readonly user: string | null
  /** As it is now. */
  readonly body: string
  readonly createdAt: string
  readonly edits?: readonly Edit[]
}

/** As GitHub has it, `diff` is the whole text after the edit; the oldest entry is the original text. */
export interface Edit {
  readonly editedAt: string
  readonly diff: string | null
}

/** What pulls and issues share. A login `x[bot]` is an App's; `null` is an account that was deleted. */
export interface Thread {
  readonly number: number
  readonly title: string
  readonly body?: string | null
  readonly createdAt: string
  /** Default: when it was merged, closed or made. */
  readonly updatedAt?: string
  readonly closedAt?: string | null
  readonly user?: string | null
  readonly labels?: readonly string[]
  readonly comments?: readonly Comment[]
  /** In any order. */
  readonly bodyEdits?: readonly Edit[]
  readonly renames?: readonly { readonly at: string; readonly from: string; readonly to: string }[]
}

export type Issue = Thread

export interface Pull extends Thread {
  readonly mergedAt?: string | null
  readonly mergeCommit?: string | null
  /** Default: the repository's default branch. */
  readonly baseRef?: string
  readonly head: { readonly sha: string; readonly ref: string }
  /** Oldest first. Default: read from git, the head's commits that the merge commit's first parent hasn't. */
  readonly commits?: readonly string[]
  /** Issues of this repository, or `owner/name#7`. */
  readonly closes?: readonly (number | string)[]
}

/** Who asks. */
export type Caller =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'app' }
  | { readonly kind: 'user'; readonly login: string }
  | { readonly kind: 'installation'; readonly grant: Grant }

/** What an installation token was given. */
export interface Grant {
  readonly installation: Installation
  readonly token: string
  readonly expiresAt: number
  readonly permissions: Readonly<Record<string, Level>>
  /** `null`: all that the installation has. */
  readonly repositories: ReadonlySet<number> | null
}

export type RequestKind = 'rest' | 'graphql' | 'git' | 'token'

/** A request as the log and the faults see it. */
export interface LoggedRequest {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly kind: RequestKind
  installation: number | null
  /** Name of a GraphQL operation. */
  operation: string | null
  /** 0 until it is answered, and where the connection was cut. */
  status: number
  /** When it came, in milliseconds since the epoch. */
  readonly time: number
}
