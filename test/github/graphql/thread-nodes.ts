import { commitsOf, filesOf } from '../history.ts'
import { nodeId, threadId } from '../ids.ts'
import { updatedAt } from '../rest/shapes.ts'
import type { Comment, Edit, Issue, Pull, Repository, Thread } from '../types.ts'
import { sees } from '../world.ts'
import { actorNode } from './actor-node.ts'
import { commitNode } from './commit-node.ts'
import { connection, type Node } from './connections.ts'
import { stateOf } from './pull-order.ts'
import type { View } from './view.ts'

export function pullNode(view: View, repository: Repository, pull: Pull): Node {
  const objects = view.scene.objects(repository)
  return {
    __typename: 'PullRequest',
    id: nodeId('PR', repository.id, pull.number),
    ...threadFields(view, repository, pull),
    url: `${view.scene.url}/${repository.fullName}/pull/${pull.number}`,
    state: stateOf(pull),
    closed: stateOf(pull) !== 'OPEN',
    merged: Boolean(pull.mergedAt),
    isDraft: false,
    isCrossRepository: false,
    updatedAt: updatedAt(pull),
    closedAt: pull.closedAt ?? pull.mergedAt ?? null,
    mergedAt: pull.mergedAt ?? null,
    mergeCommit: () => (pull.mergeCommit ? commitNode(view, repository, pull.mergeCommit) : null),
    baseRefName: pull.baseRef ?? repository.defaultBranch,
    headRefOid: pull.head.sha,
    headRefName: pull.head.ref,
    closingIssuesReferences: (args: unknown) =>
      connection(closedIssues(view, repository, pull), args, ([home, issue]) => issueNode(view, home, issue)),
    commits: async (args: unknown) =>
      connection(await commitsOf(objects, repository, pull), args, (oid) => ({
        __typename: 'PullRequestCommit',
        id: nodeId('PRC', repository.id, pull.number, oid),
        commit: () => commitNode(view, repository, oid),
      })),
    files: async (args: unknown) => connection(await filesOf(objects, repository, pull), args, fileNode),
    changedFiles: async () => (await filesOf(objects, repository, pull)).length,
    additions: async () => (await filesOf(objects, repository, pull)).reduce((sum, each) => sum + each.additions, 0),
    deletions: async () => (await filesOf(objects, repository, pull)).reduce((sum, each) => sum + each.deletions, 0),
  }
}

export function issueNode(view: View, repository: Repository, issue: Issue): Node {
  const id = nodeId('I', repository.id, issue.number)
  return {
    __typename: 'Issue',
    id,
    ...threadFields(view, repository, issue),
    url: `${view.scene.url}/${repository.fullName}/issues/${issue.number}`,
    state: issue.closedAt ? 'CLOSED' : 'OPEN',
    closed: Boolean(issue.closedAt),
    closedAt: issue.closedAt ?? null,
    updatedAt: issue.updatedAt ?? issue.closedAt ?? issue.createdAt,
  }
}

/** What pulls and issues share. */
function threadFields(view: View, repository: Repository, thread: Thread): Node {
  return {
    ...pastFields(view, repository, thread),
    databaseId: threadId(repository.id, thread.number),
    fullDatabaseId: String(threadId(repository.id, thread.number)),
    number: thread.number,
    title: thread.title,
    body: thread.body ?? '',
    createdAt: thread.createdAt,
    author: () => actorNode(thread.user),
    authorAssociation: 'CONTRIBUTOR',
    locked: false,
    labels: (args: unknown) => connection(thread.labels ?? [], args, (name) => labelNode(repository, name)),
    repository: () => view.repository(repository),
  }
}

/** What a text that was edited says of it, newest edit first. */
function editFields(edits: readonly Edit[], user: string | null, place: readonly number[]): Node {
  const sorted = [...edits].sort((a, b) => Date.parse(b.editedAt) - Date.parse(a.editedAt))
  return {
    lastEditedAt: sorted[0]?.editedAt ?? null,
    includesCreatedEdit: sorted.length > 0,
    userContentEdits: (args: unknown) =>
      connection(sorted, args, ({ editedAt, diff }, at) => ({
        __typename: 'UserContentEdit',
        id: nodeId('UCE', ...place, at),
        createdAt: editedAt,
        updatedAt: editedAt,
        editedAt,
        diff,
        deletedAt: null,
        editor: () => actorNode(user),
      })),
  }
}

/** What was said about it, and how it read before. */
function pastFields(view: View, repository: Repository, thread: Thread): Node {
  const renames = [...(thread.renames ?? [])].sort((a, b) => Date.parse(a.at) - Date.parse(b.at))
  return {
    ...editFields(thread.bodyEdits ?? [], thread.user ?? null, [repository.id, thread.number]),
    comments: (args: unknown) =>
      connection(thread.comments ?? [], args, (comment, at) => commentNode(view, repository, thread, comment, at)),
    timelineItems: (args: { itemTypes?: readonly string[] | null }) => {
      if (String(args.itemTypes ?? 'all') !== 'RENAMED_TITLE_EVENT')
        throw new Error('timelineItems: of all types, this server has RENAMED_TITLE_EVENT only')
      const list = connection(renames, args, ({ at, from, to }, index) => ({
        __typename: 'RenamedTitleEvent',
        id: nodeId('RTE', repository.id, thread.number, index),
        createdAt: at,
        previousTitle: from,
        currentTitle: to,
        actor: () => actorNode(thread.user),
      }))
      return { ...list, filteredCount: renames.length }
    },
  }
}

export function commentNode(view: View, repository: Repository, issue: Thread, comment: Comment, at: number): Node {
  return {
    __typename: 'IssueComment',
    id: nodeId('IC', repository.id, issue.number, at),
    databaseId: threadId(repository.id, issue.number) + at,
    body: comment.body,
    createdAt: comment.createdAt,
    updatedAt: comment.createdAt,
    author: () => actorNode(comment.user),
    authorAssociation: 'CONTRIBUTOR',
    ...editFields(comment.edits ?? [], comment.user, [repository.id, issue.number, at]),
    isMinimized: false,
    url: `${view.scene.url}/${repository.fullName}/issues/${issue.number}#issuecomment-${at}`,
  }
}

function labelNode(repository: Repository, name: string): Node {
  return {
    __typename: 'Label',
    id: nodeId('LA', repository.id, name),
    name,
    color: 'ededed',
    description: null,
    isDefault: false,
  }
}

const patchStatus: Readonly<Record<string, string>> = {
  A: 'ADDED',
  C: 'COPIED',
  D: 'DELETED',
  M: 'MODIFIED',
  R: 'RENAMED',
  T: 'CHANGED',
}

function fileNode(file: { path: string; additions: number; deletions: number; change: string }): Node {
  const { path, additions, deletions } = file
  const changeType = patchStatus[file.change] ?? 'MODIFIED'
  return { __typename: 'PullRequestChangedFile', path, additions, deletions, changeType }
}

/** Those that the caller may see, of this repository or another. */
function closedIssues(view: View, repository: Repository, pull: Pull): (readonly [Repository, Issue])[] {
  return (pull.closes ?? []).flatMap((reference) => {
    const [, name, number] = /^(?:(.+)#)?(\d+)$/.exec(String(reference)) ?? []
    const home = name === undefined ? repository : view.scene.world.named(name)
    const issue = home?.issues.get(Number(number))
    return home && issue && sees(view.caller, home) ? [[home, issue] as const] : []
  })
}
