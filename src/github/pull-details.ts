import { z } from 'zod'
import type { Issue } from '../model/index.ts'
import {
  type CommentAnswer,
  type Connection,
  commentPage,
  commitPage,
  type EditAnswer,
  editPage,
  type IssueAnswer,
  issue as issueAnswer,
  issuePage,
  nodesOf,
  type PullAnswer,
  pull as pullAnswer,
  type RenameAnswer,
  renamePage,
} from './answers.ts'
import { textAsOf, titleAsOf } from './as-of.ts'
import { ask } from './ask.ts'
import { lineOf, notThere, personOf } from './pull-list.ts'
import * as query from './queries.ts'
import type { GitHubClient, PullDetails, RepositoryAddress } from './types.ts'

/** Pulls in one request: GitHub gives an answer ten seconds. */
export const detailsAtOnce = 20

/** Issues of this repository that the messages of a pull's commits close, beside those that GitHub links. */
export type ClosedByMessages = (messages: readonly string[]) => readonly number[]

/**
 * Reads pulls whole: their text, and each issue they close as it stood when the pull was created. Long lists of comments, commits and
 * edits are read to their ends. Pulls that are gone are left out. At most `detailsAtOnce` numbers.
 */
export async function readPulls(
  client: GitHubClient,
  address: RepositoryAddress,
  numbers: readonly number[],
  closedByMessages: ClosedByMessages,
): Promise<readonly PullDetails[]> {
  const shape = z.object({ repository: z.record(z.string(), pullAnswer.nullable()).nullable() })
  const { repository } = shape.parse(await ask(client, query.pullsByNumber(numbers), { ...address }))
  if (repository === null) throw notThere(address)
  const details: PullDetails[] = []
  for (const pull of Object.values(repository)) {
    if (pull !== null) details.push(await detailsOf(client, address, pull, closedByMessages))
  }
  return details
}

async function detailsOf(
  client: GitHubClient,
  address: RepositoryAddress,
  pull: PullAnswer,
  closedByMessages: ClosedByMessages,
): Promise<PullDetails> {
  const at = new Date(pull.createdAt)
  const linked = await rest(held(pull.closingIssuesReferences), async (after) =>
    held(issuePage.parse(await ask(client, query.moreIssues, { id: pull.id, after })).node?.closingIssuesReferences),
  )
  const commits = await rest(pull.commits, async (after) =>
    held(commitPage.parse(await ask(client, query.moreCommits, { id: pull.id, after })).node?.commits),
  )
  const own = linked.filter((issue) => isOf(issue, address))
  const named = closedByMessages(commits.map(({ commit }) => commit.message))
  const missing = named.filter((number) => number !== pull.number && !own.some((issue) => issue.number === number))
  const issues = [...own, ...(await readIssues(client, address, missing))]
  return {
    line: {
      ...lineOf(pull),
      body: pull.body,
      issues: await Promise.all(issues.map((issue) => issueAsOf(client, issue, at))),
    },
    elsewhere: linked
      .filter((issue) => !isOf(issue, address))
      .map(({ repository, number }) => `${repository.nameWithOwner}#${number}`),
  }
}

/** Those of the numbers that are issues; a pull shares the numbers and does not count. */
async function readIssues(
  client: GitHubClient,
  address: RepositoryAddress,
  numbers: readonly number[],
): Promise<readonly IssueAnswer[]> {
  if (numbers.length === 0) return []
  const shape = z.object({
    repository: z.record(z.string(), z.union([issueAnswer, z.object({}).strict(), z.null()])).nullable(),
  })
  const answer = shape.parse(await ask(client, query.issuesByNumber(numbers.slice(0, detailsAtOnce)), { ...address }))
  return Object.values(answer.repository ?? {}).filter(isIssue)
}

async function issueAsOf(client: GitHubClient, issue: IssueAnswer, at: Date): Promise<Issue> {
  const renames = await rest<RenameAnswer | object>(issue.timelineItems, async (after) =>
    held(renamePage.parse(await ask(client, query.moreRenames, { id: issue.id, after })).node?.timelineItems),
  )
  const edits = await rest(held(issue.userContentEdits), (after) => moreEdits(client, issue.id, after))
  const comments = await rest(issue.comments, async (after) =>
    held(commentPage.parse(await ask(client, query.moreComments, { id: issue.id, after })).node?.comments),
  )
  const isRename = (item: RenameAnswer | object): item is RenameAnswer => 'previousTitle' in item
  return {
    number: issue.number,
    title: titleAsOf(issue.title, renames.filter(isRename), at),
    body: textAsOf(issue.body, edits, at),
    created_at: issue.createdAt,
    user: personOf(issue.author),
    comments: await Promise.all(comments.map((comment) => commentAsOf(client, comment, at))),
  }
}

/** Only a comment that was there by then and was changed since is worth a request. */
async function commentAsOf(client: GitHubClient, comment: CommentAnswer, at: Date): Promise<Issue['comments'][number]> {
  const changed = comment.lastEditedAt !== null && Date.parse(comment.lastEditedAt) > at.getTime()
  const wasThere = Date.parse(comment.createdAt) <= at.getTime()
  const edits = changed && wasThere ? await rest(null, (after) => moreEdits(client, comment.id, after)) : []
  const body = textAsOf(comment.body, edits, at)
  return { user: personOf(comment.author), body, created_at: comment.createdAt }
}

async function moreEdits(client: GitHubClient, id: string, after: string | null): Promise<Connection<EditAnswer>> {
  return held(editPage.parse(await ask(client, query.moreEdits, { id, after })).node?.userContentEdits)
}

/** All that a connection holds: what came with it, and page after page of the rest. Null: not even its beginning came. */
async function rest<Node>(
  first: Connection<Node> | null,
  more: (after: string | null) => Promise<Connection<Node>>,
): Promise<Node[]> {
  let page = first ?? (await more(null))
  const nodes = nodesOf(page)
  while (page.pageInfo.hasNextPage) {
    page = await more(page.pageInfo.endCursor)
    nodes.push(...nodesOf(page))
  }
  return nodes
}

/** What went away meanwhile has nothing more. */
function held<Node>(connection: Connection<Node> | null | undefined): Connection<Node> {
  return connection ?? { nodes: [], pageInfo: { hasNextPage: false, endCursor: null } }
}

function isOf(issue: IssueAnswer, { owner, name }: RepositoryAddress): boolean {
  return issue.repository.nameWithOwner.toLowerCase() === `${owner}/${name}`.toLowerCase()
}

/** A pull, asked for as an issue, comes back without fields. */
function isIssue(found: IssueAnswer | object | null): found is IssueAnswer {
  return found !== null && 'number' in found
}
