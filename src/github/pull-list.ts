import { UserError } from '../errors.ts'
import type { PullLine } from '../model/index.ts'
import { type ListedPullAnswer, nodesOf, pullPage } from './answers.ts'
import { ask } from './ask.ts'
import { pullList } from './queries.ts'
import type { GitHubClient, ListedPull, PullPage, RepositoryAddress } from './types.ts'

/**
 * A page (100) of a repository's merged pulls, newest first by when they were created, or last updated. Throws UserError for a
 * repository that is not there, or that the client may not see.
 */
export async function listMergedPulls(
  client: GitHubClient,
  { owner, name }: RepositoryAddress,
  { after = null, by = 'created' }: { readonly after?: string | null; readonly by?: 'created' | 'updated' } = {},
): Promise<PullPage> {
  const field = by === 'created' ? 'CREATED_AT' : 'UPDATED_AT'
  const answer = pullPage.parse(await ask(client, pullList, { owner, name, after, field }))
  const held = answer.repository?.pullRequests
  if (held === undefined) throw notThere({ owner, name })
  const { hasNextPage, endCursor } = held.pageInfo
  return { pulls: nodesOf(held).map(listed), next: hasNextPage ? endCursor : null, total: held.totalCount }
}

export function notThere({ owner, name }: RepositoryAddress): UserError {
  return new UserError(`there is no repository ${owner}/${name} on GitHub, or it may not be read`, {
    mend: 'check the name, and that the App is installed on it or the token may read it',
  })
}

function listed(answer: ListedPullAnswer): ListedPull {
  return {
    line: { ...lineOf(answer), body: '' },
    closing: answer.closingIssuesReferences?.totalCount ?? 0,
    updatedAt: new Date(answer.updatedAt),
  }
}

/** What list and details have in common, as a line of a pulls file. */
export function lineOf(answer: Omit<ListedPullAnswer, 'closingIssuesReferences'>): Omit<PullLine, 'body' | 'issues'> {
  return {
    number: answer.number,
    title: answer.title,
    created_at: answer.createdAt,
    merged_at: answer.mergedAt,
    merge_commit_sha: answer.mergeCommit?.oid ?? null,
    base: { ref: answer.baseRefName },
    head: { sha: answer.headRefOid },
    user: personOf(answer.author),
    labels: (answer.labels?.nodes ?? []).flatMap((label) => (label === null ? [] : [{ name: label.name }])),
  }
}

/** GraphQL has a bot's login without the `[bot]` that REST and git show. */
export function personOf(actor: ListedPullAnswer['author']): PullLine['user'] {
  if (actor === null) return null
  const bot = actor.__typename === 'Bot'
  const login = bot && !actor.login.endsWith('[bot]') ? `${actor.login}[bot]` : actor.login
  return { login, type: bot ? 'Bot' : 'User' }
}
