import type { Repository } from '../types.ts'
import { may, nameOf, ownerOf } from '../world.ts'
import { actorNode } from './actor-node.ts'
import { connection, type Node } from './connections.ts'
import { gitObjectNode, refNode } from './git-nodes.ts'
import { limitError } from './limits.ts'
import { orderedPulls } from './pull-order.ts'
import { commentNode, issueNode, pullNode } from './thread-nodes.ts'
import type { View } from './view.ts'

type Numbered = { readonly number: number }

export function repositoryNode(view: View, repository: Repository): Node {
  const { pulls, issues } = repository
  const missing = (kind: string, number: number) =>
    limitError('NOT_FOUND', `Could not resolve to ${kind} with the number of ${number}.`, null)
  // What the installation was not allowed to read is an error, in the place where it was asked for.
  const reading = <A>(permission: string, show: (args: A) => unknown) =>
    may(view.caller, repository, permission, 'read')
      ? show
      : () => limitError('FORBIDDEN', 'Resource not accessible by integration', null)
  return {
    __typename: 'Repository',
    id: repository.nodeId,
    databaseId: repository.id,
    name: nameOf(repository),
    nameWithOwner: repository.fullName,
    owner: () => ({
      ...actorNode(ownerOf(repository)),
      __typename: repository.installation?.account.type ?? 'User',
    }),
    url: `${view.scene.url}/${repository.fullName}`,
    isPrivate: repository.private,
    isArchived: repository.archived,
    isDisabled: false,
    isEmpty: reading('contents', async () => (await refNode(view, repository, repository.defaultBranch)) === null),
    isFork: false,
    visibility: repository.private ? 'PRIVATE' : 'PUBLIC',
    createdAt: repository.createdAt,
    pushedAt: repository.pushedAt,
    defaultBranchRef: reading('contents', () => refNode(view, repository, repository.defaultBranch)),
    ref: reading('contents', ({ qualifiedName }: { readonly qualifiedName: string }) =>
      refNode(view, repository, qualifiedName),
    ),
    object: reading(
      'contents',
      ({ expression, oid }: { readonly expression?: string | null; readonly oid?: string | null }) =>
        gitObjectNode(view, repository, oid ?? expression ?? ''),
    ),
    pullRequests: reading('pull_requests', (args: unknown) => {
      const ordered = orderedPulls(repository, args)
      return connection(ordered.pulls, args, (pull) => pullNode(view, repository, pull), ordered.cursors)
    }),
    pullRequest: reading('pull_requests', ({ number }: Numbered) => {
      const pull = pulls.get(number)
      return pull === undefined ? missing('a PullRequest', number) : pullNode(view, repository, pull)
    }),
    issue: reading('issues', ({ number }: Numbered) => {
      const issue = issues.get(number)
      return issue === undefined ? missing('an Issue', number) : issueNode(view, repository, issue)
    }),
    issueOrPullRequest: reading('issues', ({ number }: Numbered) => {
      const pull = pulls.get(number)
      const issue = issues.get(number)
      if (pull !== undefined) return pullNode(view, repository, pull)
      return issue === undefined ? missing('an issue or pull request', number) : issueNode(view, repository, issue)
    }),
  }
}

const permissionFor: Readonly<Record<string, string>> = { PR: 'pull_requests', I: 'issues' }

/** The node that an id names, or `null` where the caller may not know of it. */
export function nodeIn(view: View, repository: Repository, kind: string, parts: readonly string[]): unknown {
  const number = Number(parts[1])
  const pull = repository.pulls.get(number)
  const issue = repository.issues.get(number)
  if (kind === 'R') return view.repository(repository)
  if (!may(view.caller, repository, permissionFor[kind] ?? 'contents', 'read'))
    return limitError('FORBIDDEN', 'Resource not accessible by integration', null)
  if (kind === 'PR') return pull === undefined ? null : pullNode(view, repository, pull)
  if (kind === 'I') return issue === undefined ? null : issueNode(view, repository, issue)
  const comment = kind === 'IC' ? issue?.comments?.[Number(parts[2])] : undefined
  if (issue !== undefined && comment !== undefined)
    return commentNode(view, repository, issue, comment, Number(parts[2]))
  if (kind === 'C') return gitObjectNode(view, repository, parts[1] ?? '')
  return kind === 'REF' ? refNode(view, repository, parts[1] ?? '') : null
}
