import { afterEach, beforeEach, expect, test } from 'vitest'
import { type GitHubClient, readOverviews } from '../../src/github/index.ts'
import { installationToken, makeSample, query, type Sample } from './sample.ts'

let sample: Sample
let token: string

beforeEach(async () => {
  sample = await makeSample()
  token = await installationToken(sample.github, sample.installation)
})
afterEach(async () => {
  expect(sample.github.problems).toEqual([])
  await sample.close()
})

/** Throws where the answer has errors, as Octokit does. `change` makes another text of the answer's. */
function client(change: (answer: string) => string = (answer) => answer): GitHubClient {
  return {
    request: () => Promise.reject(new Error('not asked for')),
    async graphql(text) {
      const { body } = await query(sample.github, token, text)
      const answer = JSON.parse(change(JSON.stringify(body)))
      if (answer.errors !== undefined) throw Object.assign(new Error('in part'), answer)
      return answer.data
    },
  }
}

const look = (from: GitHubClient, path: string, pulls = true) =>
  readOverviews(from, [{ owner: 'acme', name: 'shop', pulls }], path)

test('one look tells what a repository is, its file, when it was pushed to and its merged pulls last changed', async () => {
  const { id } = sample.repository
  expect([...(await look(client(), '.github/quarry.yml')).values()]).toEqual([
    {
      ...{ id, fullName: 'acme/shop', private: true, archived: false, defaultBranch: 'main' },
      ...{ file: 'runs: 3\n', ownersFile: null, changedAt: new Date('2024-01-03T00:00:00Z') },
      pushedAt: new Date('2020-01-01T00:00:00Z'),
    },
  ])
  expect((await look(client(), 'nowhere.yml', false)).get(id)).toMatchObject({ file: null, changedAt: undefined })
  expect((await look(client(), '.github')).get(id)).toMatchObject({ file: null })
})

test('the file of the owner’s repository .github comes with it', async () => {
  const { github, installation, gitDir, repository } = sample
  github.addRepository({ installation, fullName: 'acme/.github', gitDir })
  const seen = await look(client(), '.github/quarry.yml')
  expect(seen.get(repository.id)).toMatchObject({ file: 'runs: 3\n', ownersFile: 'runs: 3\n' })
})

test.each([
  ['cut short', (answer: string) => answer.replace('"isTruncated":false', '"isTruncated":true')],
  ['no text', (answer: string) => answer.replace('"text":"runs: 3\\n"', '"text":null')],
  ['a link', (answer: string) => answer.replace('"text":"runs: 3\\n"', '"text":"../quarry.yml"')],
  ['of a repository that is gone', (answer: string) => answer.replace(/"r0":\{.*\},"o0"/, '"r0":null,"o0"')],
])('a file that is %s is left to be read by itself', async (_, change) => {
  expect((await look(client(change), '.github/quarry.yml')).size).toBe(0)
})
