import { z } from 'zod'

/** The parts of GitHub's GraphQL answers that are read; https://docs.github.com/en/graphql/reference/objects has the whole. */

const connection = <Node extends z.ZodType>(node: Node) =>
  z.object({
    nodes: z.array(node.nullable()).nullable(),
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
  })

/** A deleted account is null: GitHub shows it as `ghost`. */
const actor = z.object({ login: z.string(), __typename: z.string() }).nullable()

export const listedPull = z.object({
  number: z.int(),
  title: z.string(),
  createdAt: z.string(),
  updatedAt: z.string(),
  mergedAt: z.string().nullable(),
  mergeCommit: z.object({ oid: z.string() }).nullable(),
  baseRefName: z.string(),
  headRefOid: z.string(),
  author: actor,
  labels: z.object({ nodes: z.array(z.object({ name: z.string() }).nullable()).nullable() }).nullable(),
  closingIssuesReferences: z.object({ totalCount: z.int() }).nullable(),
})

export const pullPage = z.object({
  repository: z.object({ pullRequests: connection(listedPull).extend({ totalCount: z.int() }) }).nullable(),
})

const comment = z.object({
  id: z.string(),
  author: actor,
  body: z.string(),
  createdAt: z.string(),
  lastEditedAt: z.string().nullable(),
})

/** `diff` is the whole text as that edit left it; null where the edit was deleted. */
const edit = z.object({ editedAt: z.string(), diff: z.string().nullable() })

const rename = z.object({ createdAt: z.string(), previousTitle: z.string(), currentTitle: z.string() })

export const issue = z.object({
  id: z.string(),
  number: z.int(),
  title: z.string(),
  body: z.string(),
  createdAt: z.string(),
  author: actor,
  repository: z.object({ nameWithOwner: z.string() }),
  comments: connection(comment),
  userContentEdits: connection(edit).nullable(),
  timelineItems: connection(z.union([rename, z.object({}).strict()])),
})

export const pull = listedPull.extend({
  id: z.string(),
  body: z.string(),
  closingIssuesReferences: connection(issue).nullable(),
  commits: connection(z.object({ commit: z.object({ message: z.string() }) })),
})

export const commentPage = z.object({ node: z.object({ comments: connection(comment) }).nullable() })
export const commitPage = z.object({
  node: z.object({ commits: connection(z.object({ commit: z.object({ message: z.string() }) })) }).nullable(),
})
export const issuePage = z.object({
  node: z.object({ closingIssuesReferences: connection(issue).nullable() }).nullable(),
})
export const editPage = z.object({ node: z.object({ userContentEdits: connection(edit).nullable() }).nullable() })
export const renamePage = z.object({
  node: z.object({ timelineItems: connection(z.union([rename, z.object({}).strict()])) }).nullable(),
})

export type ListedPullAnswer = z.infer<typeof listedPull>
export type PullAnswer = z.infer<typeof pull>
export type IssueAnswer = z.infer<typeof issue>
export type CommentAnswer = z.infer<typeof comment>
export type EditAnswer = z.infer<typeof edit>
export type RenameAnswer = z.infer<typeof rename>

export interface Connection<Node> {
  readonly nodes: readonly (Node | null)[] | null
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
}

/** What a connection holds; GitHub leaves a hole for what the reader may not see. */
export function nodesOf<Node>(held: Connection<Node> | null): Node[] {
  return (held?.nodes ?? []).flatMap((node) => (node === null ? [] : [node]))
}
