import { Octokit } from '@octokit/rest'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { isObject, objectAt } from './json.ts'
import { installationToken, makeSample, query, type Sample } from './sample.ts'

let sample: Sample
let token: string

beforeAll(async () => {
  sample = await makeSample()
  token = await installationToken(sample.github, sample.installation)
})
afterEach(() => {
  sample.github.problems.length = 0
})
afterAll(() => sample.close())

const asked = async (text: string, variables = {}) => (await query(sample.github, token, text, variables)).body
const inShop = (text: string) => asked(`{ repository(owner: "acme", name: "shop") { ${text} } }`)
const spoken = () => expect(sample.github.problems).toEqual([])

describe('a pull', () => {
  it('comes with all that Quarry reads of it', async () => {
    const body = await inShop(`
      nameWithOwner isPrivate visibility databaseId defaultBranchRef { name target { oid } }
      pullRequest(number: 7) {
        id number title body createdAt mergedAt updatedAt baseRefName headRefOid headRefName
        mergeCommit { oid parents(first: 2) { nodes { oid } } }
        author { login __typename }
        labels(first: 10) { nodes { name } }
        closingIssuesReferences(first: 10) { totalCount nodes { number repository { nameWithOwner } } }
        commits(first: 10) { nodes { commit { oid message authoredDate author { name email date } } } }
        files(first: 10) { nodes { path additions deletions changeType } }
      }`)
    const repository = objectAt(body, 'data', 'repository')
    expect(repository).toMatchObject({ nameWithOwner: 'acme/shop', isPrivate: true, visibility: 'PRIVATE' })
    expect(repository.defaultBranchRef).toEqual({ name: 'main', target: { oid: sample.mergeCommit } })
    expect(repository.pullRequest).toMatchObject({
      number: 7,
      mergedAt: '2024-01-03T00:00:00Z',
      updatedAt: '2024-01-03T00:00:00Z',
      baseRefName: 'main',
      headRefOid: sample.head,
      mergeCommit: { oid: sample.mergeCommit, parents: { nodes: [{}, { oid: sample.head }] } },
      author: { login: 'bob', __typename: 'Bot' },
      labels: { nodes: [{ name: 'bug' }] },
      closingIssuesReferences: { totalCount: 1, nodes: [{ number: 3, repository: { nameWithOwner: 'acme/shop' } }] },
      commits: { nodes: [{ commit: { message: 'mend\n\nwith reason' } }, { commit: { oid: sample.head } }] },
      files: {
        nodes: [
          { path: 'a.txt', additions: 1, deletions: 1, changeType: 'MODIFIED' },
          { path: 'test/a.test.js', additions: 1, deletions: 0, changeType: 'ADDED' },
        ],
      },
    })
    spoken()
  })

  it('is asked for with many others in one query', async () => {
    const many = Array.from({ length: 120 }, (_, n) => `p${n}: pullRequest(number: 7) { number }`)
    const body = await inShop(many.join('\n'))
    expect(Object.keys(objectAt(body, 'data', 'repository'))).toHaveLength(120)
    spoken()
  })
})

describe('an issue', () => {
  it('has its past: texts, newest first, and names', async () => {
    const body = await inShop(`issue(number: 3) {
      title body author { login } repository { nameWithOwner } labels(first: 9) { nodes { name } }
      comments(first: 9) { totalCount nodes { body createdAt author { login } } }
      userContentEdits(first: 9) { nodes { editedAt diff deletedAt } }
      timelineItems(itemTypes: [RENAMED_TITLE_EVENT], first: 9) {
        nodes { ... on RenamedTitleEvent { createdAt previousTitle currentTitle } }
      }
    }`)
    expect(objectAt(body, 'data', 'repository', 'issue')).toMatchObject({
      comments: { nodes: [{ body: 'Same here', author: { login: 'cid' } }] },
      userContentEdits: { nodes: [{ diff: 'It is 2.' }, { diff: 'It is 1.', deletedAt: null }] },
      timelineItems: { nodes: [{ previousTitle: 'Price', currentTitle: 'The price is wrong' }] },
    })
    spoken()
  })

  it('or pull is found by its number alone', async () => {
    const body = await inShop(
      'a: issueOrPullRequest(number: 3) { __typename } b: issueOrPullRequest(number: 7) { __typename }',
    )
    expect(body).toEqual({ data: { repository: { a: { __typename: 'Issue' }, b: { __typename: 'PullRequest' } } } })
  })
})

describe('a node', () => {
  it('is found by its id, and is null with an error where it is not', async () => {
    const ids = [sample.repository.nodeId, 'PR_none']
    const body = await asked('query ($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }', { ids })
    expect(body).toMatchObject({
      data: { nodes: [{ id: ids[0], __typename: 'Repository' }, null] },
      errors: [{ type: 'NOT_FOUND', path: ['nodes', 1] }],
    })
  })

  it('of git is found by an expression', async () => {
    const body = await inShop(`
      file: object(expression: "HEAD:.github/quarry.yml") { ... on Blob { text byteSize } }
      folder: object(expression: "main:src") { ... on Tree { entries { name type } } }
      none: object(expression: "main:none") { oid }`)
    expect(objectAt(body, 'data', 'repository')).toEqual({
      file: { text: 'runs: 3\n', byteSize: 8 },
      folder: { entries: [{ name: 'b.js', type: 'blob' }] },
      none: null,
    })
    spoken()
  })

  it('that the installation may not read is an error in its place', async () => {
    const narrow = await installationToken(sample.github, sample.installation, { permissions: { contents: 'read' } })
    const text = '{ repository(owner: "acme", name: "shop") { name issue(number: 3) { title } } }'
    expect((await query(sample.github, narrow, text)).body).toMatchObject({
      data: { repository: { name: 'shop', issue: null } },
      errors: [{ type: 'FORBIDDEN', path: ['repository', 'issue'] }],
    })
    spoken()
  })

  it('of a repository that the caller may not see is none', async () => {
    const seen = await query(
      sample.github,
      sample.github.personalToken,
      '{ repository(owner: "acme", name: "shop") { id } }',
    )
    expect(seen.body).toMatchObject({
      data: { repository: null },
      errors: [{ type: 'NOT_FOUND', path: ['repository'], message: expect.stringContaining("'acme/shop'") }],
    })
    expect((await query(sample.github, null, '{ viewer { login } }')).status).toBe(401)
  })
})

describe('GitHub’s own rules', () => {
  it.each([
    ['an unknown field', 'pullRequest(number: 7) { nonsense }', /Cannot query field "nonsense"/],
    ['a list without its size', 'pullRequests { totalCount }', /must provide a `first` or `last`/],
    ['a page of more than 100', 'pullRequests(first: 101) { totalCount }', /exceeds the `first` limit of 100/],
    [
      'too many nodes',
      'pullRequests(first: 100) { nodes { commits(first: 100) { nodes { commit { parents(first: 60) { totalCount } } } } } }',
      /610,100 possible nodes/,
    ],
    ['a field that is not played', 'diskUsage', /Repository.diskUsage: GitHub has it, this server not/],
    ['a cursor of elsewhere', 'pullRequests(first: 1, after: "x") { totalCount }', /valid cursor/],
  ])('tell %s', async (_, text, message) => {
    const body = await inShop(text)
    expect(body).toMatchObject({ errors: [{ message: expect.stringMatching(message) }] })
    expect(sample.github.problems).toEqual([expect.stringMatching(message)])
  })

  it('price a query as documented', async () => {
    const body = await asked(`{
      rateLimit { cost nodeCount }
      repository(owner: "acme", name: "shop") {
        pullRequests(first: 100) { nodes { labels(first: 50) { nodes { name } } commits(first: 10) { totalCount } } }
      }
    }`)
    expect(objectAt(body, 'data', 'rateLimit')).toEqual({ cost: 2, nodeCount: 6_100 })
  })
})

describe('10,000 pulls', () => {
  it('are listed in 100 requests, each once, though some come meanwhile', async () => {
    const { github, installation, gitDir, mergeCommit, head } = sample
    const big = github.addRepository({ installation, fullName: 'acme/big', gitDir })
    const add = (number: number) =>
      github.addPull(big, {
        number,
        title: `Pull ${number}`,
        createdAt: new Date(Date.UTC(2020, 0, 1) + number * 60_000).toISOString(),
        mergedAt: new Date(Date.UTC(2020, 0, 2) + number * 60_000).toISOString(),
        mergeCommit,
        head: { sha: head, ref: `branch-${number}` },
      })
    for (let number = 1; number <= 10_000; number += 1) add(number)
    const before = process.memoryUsage().rss
    const requests = github.requests.length
    const { graphql } = new Octokit({ baseUrl: `${github.url}/api/v3`, auth: token })
    const seen = new Set<number>()
    for (let after: string | null = null, pages = 0; pages === 0 || after !== null; pages += 1) {
      const body: unknown = await graphql(
        `query page($after: String) {
          repository(owner: "acme", name: "big") {
            pullRequests(states: [MERGED], first: 100, after: $after, orderBy: { field: CREATED_AT, direction: DESC }) {
              totalCount pageInfo { hasNextPage endCursor }
              nodes { number mergeCommit { oid } labels(first: 20) { nodes { name } } }
            }
          }
        }`,
        { after },
      )
      const list = objectAt(isObject(body) ? body : null, 'repository', 'pullRequests')
      for (const node of Array.isArray(list.nodes) ? list.nodes : []) seen.add(Number(objectAt(node).number))
      const { hasNextPage, endCursor } = objectAt(list, 'pageInfo')
      after = hasNextPage === true ? String(endCursor) : null
      if (pages === 50) add(10_001)
    }
    expect(seen.size).toBe(10_000)
    expect(github.requests.length - requests).toBe(100)
    expect(github.requests.at(-1)).toMatchObject({ kind: 'graphql', operation: 'page', status: 200 })
    expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000)
    spoken()
  })
})
