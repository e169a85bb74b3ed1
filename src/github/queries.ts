/**
 * The GraphQL that is sent. Costs (https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api):
 * two points for a page of the list, a third of a point for each pull in detail, one for a look at many repositories.
 */

const actor = '{ login __typename }'
const page = 'pageInfo { hasNextPage endCursor }'
/** What the query costs; asking is free. */
const cost = 'rateLimit { cost }'

const listed = `
  number title createdAt updatedAt mergedAt baseRefName headRefOid
  mergeCommit { oid }
  author ${actor}
  labels(first: 100) { nodes { name } }`

export const pullList = `
query mergedPulls($owner: String!, $name: String!, $after: String, $field: IssueOrderField!) {
  ${cost}
  repository(owner: $owner, name: $name) {
    pullRequests(states: MERGED, first: 100, after: $after, orderBy: { field: $field, direction: DESC }) {
      totalCount ${page}
      nodes { ${listed} closingIssuesReferences(first: 1) { totalCount } }
    }
  }
}`

const comments = `nodes { id body createdAt lastEditedAt author ${actor} } ${page}`
const edits = `nodes { editedAt diff } ${page}`
const renames = `nodes { ... on RenamedTitleEvent { createdAt previousTitle currentTitle } } ${page}`
const commits = `nodes { commit { message } } ${page}`

const issueFields = `
  id number title body createdAt
  author ${actor}
  repository { nameWithOwner }
  comments(first: 50) { ${comments} }
  userContentEdits(first: 20) { ${edits} }
  timelineItems(first: 20, itemTypes: [RENAMED_TITLE_EVENT]) { ${renames} }`

const pullFields = `
  ${listed} id body
  closingIssuesReferences(first: 10) { nodes { ${issueFields} } ${page} }
  commits(first: 100) { ${commits} }`

/** Several pulls in one request, each under the alias `p<number>`. */
export function pullsByNumber(numbers: readonly number[]): string {
  const pulls = numbers.map((number) => `p${number}: pullRequest(number: ${number}) { ${pullFields} }`)
  return `
query pullDetails($owner: String!, $name: String!) {
  ${cost}
  repository(owner: $owner, name: $name) { ${pulls.join('\n')} }
}`
}

/** Issues that only a commit's message names, each under `i<number>`; what is a pull comes back without fields. */
export function issuesByNumber(numbers: readonly number[]): string {
  const issues = numbers.map(
    (number) => `i${number}: issueOrPullRequest(number: ${number}) { ... on Issue { ${issueFields} } }`,
  )
  return `
query issueDetails($owner: String!, $name: String!) {
  ${cost}
  repository(owner: $owner, name: $name) { ${issues.join('\n')} }
}`
}

export const moreComments = `
query moreComments($id: ID!, $after: String) {
  ${cost}
  node(id: $id) { ... on Issue { comments(first: 100, after: $after) { ${comments} } } }
}`

export const moreCommits = `
query moreCommits($id: ID!, $after: String) {
  ${cost}
  node(id: $id) { ... on PullRequest { commits(first: 100, after: $after) { ${commits} } } }
}`

export const moreIssues = `
query moreIssues($id: ID!, $after: String) {
  ${cost}
  node(id: $id) { ... on PullRequest { closingIssuesReferences(first: 10, after: $after) { nodes { ${issueFields} } ${page} } } }
}`

export const moreEdits = `
query moreEdits($id: ID!, $after: String) {
  ${cost}
  node(id: $id) {
    ... on Issue { userContentEdits(first: 100, after: $after) { ${edits} } }
    ... on IssueComment { userContentEdits(first: 100, after: $after) { ${edits} } }
  }
}`

export const moreRenames = `
query moreRenames($id: ID!, $after: String) {
  ${cost}
  node(id: $id) {
    ... on Issue { timelineItems(first: 100, after: $after, itemTypes: [RENAMED_TITLE_EVENT]) { ${renames} } }
  }
}`

/** Many repositories at one look, each under `r<place>`, and the file of each owner's repository `.github` under `o<place>`. */
export function overviewQuery(
  repositories: readonly { readonly owner: string; readonly name: string; readonly pulls: boolean }[],
  owners: readonly string[],
  path: string,
): string {
  const text = (value: string) => JSON.stringify(value)
  const file = `object(expression: ${text(`HEAD:${path}`)}) { ... on Blob { text isTruncated } }`
  const newest =
    'pullRequests(states: MERGED, first: 1, orderBy: { field: UPDATED_AT, direction: DESC }) { nodes { updatedAt } }'
  const looks = [
    ...repositories.map(
      ({ owner, name, pulls }, at) => `r${at}: repository(owner: ${text(owner)}, name: ${text(name)}) {
    databaseId nameWithOwner isPrivate isArchived pushedAt defaultBranchRef { name } ${file} ${pulls ? newest : ''}
  }`,
    ),
    ...owners.map((owner, at) => `o${at}: repository(owner: ${text(owner)}, name: ".github") { ${file} }`),
  ]
  return `
query overviews {
  ${cost}
  ${looks.join('\n  ')}
}`
}
