import type { PullLine } from '../model/index.ts'
import type { Left } from './budget.ts'

/** What of an Octokit is used here, so that App installations and personal tokens are read alike. */
export interface GitHubClient {
  graphql(query: string, variables?: Readonly<Record<string, unknown>>): Promise<unknown>
  request(
    route: string,
    parameters?: Readonly<Record<string, unknown>>,
  ): Promise<{ readonly data: unknown; readonly headers: Readonly<Record<string, string | number | undefined>> }>
}

/** `owner/name` in its parts, as GitHub's API takes it. */
export interface RepositoryAddress {
  readonly owner: string
  readonly name: string
}

/** A repository as GitHub has it now. */
export interface GitHubRepository {
  /** The numeric id, which a rename or a transfer does not change. */
  readonly id: number
  readonly fullName: string
  readonly private: boolean
  readonly archived: boolean
  readonly defaultBranch: string | null
}

/** A merged pull as the slim list has it: enough to refuse those that close nothing. */
export interface ListedPull {
  readonly line: PullLine
  /** How many issues GitHub says it closes, those linked by hand included. */
  readonly closing: number
  readonly updatedAt: Date
}

export interface PullPage {
  readonly pulls: readonly ListedPull[]
  /** Where the next page begins; null: this was the last. */
  readonly next: string | null
  /** Merged pulls in all. */
  readonly total: number
}

/** What the details of a pull add to its line in the list. */
export interface PullDetails {
  readonly line: PullLine
  /** Issues of other repositories that it closes: `owner/name#12`. */
  readonly elsewhere: readonly string[]
}

/** What a request is for: a backfill leaves part of the hourly budget to live events. */
export type Purpose = 'live' | 'backfill'

/** The ways to GitHub that this process has: as an App on its installations, or with a personal token (installation 0). */
export interface GitHubAccess {
  /** `https://github.com`: clones are fetched from below it. */
  readonly webUrl: string
  /** The App's number; null: there is a personal token and no App. */
  readonly appId: number | null
  /** The host, as a repository's forge. */
  readonly forge: string
  /** `signal` ends requests under way, and their waiting for a limit to be over. */
  client(installation: number, purpose: Purpose, signal?: AbortSignal): Promise<GitHubClient>
  /** The App itself, beside its installations; null where there is none. */
  app(): Promise<GitHubClient | null>
  /** The Authorization header with which git fetches an installation's repositories; null: none is needed. */
  gitAuthorization(installation: number): Promise<string | null>
  /** What GitHub told this process of each installation's hourly budgets, by GitHub's names for them. */
  budgets(): ReadonlyMap<number, ReadonlyMap<string, Left>>
}
