import { afterAll, beforeAll, expect, test } from 'vitest'
import { type GitHubServer, type Installation, type Repository, startGitHub } from '../github/index.ts'
import { testDatabase } from '../postgres.ts'
import { type Program, startProgram } from '../program.ts'
import { appVariables, mergeOn, samplePullLines } from './github-sample.ts'
import { jsonLines, makeSample, quarry, runQuarry, type Sample } from './sample.ts'

let sample: Sample
let github: GitHubServer
let database: Awaited<ReturnType<typeof testDatabase>>
let server: Program
let webhooks: string
let installation: Installation
let repository: Repository

beforeAll(async () => {
  sample = await makeSample()
  github = await startGitHub()
  database = await testDatabase()
  server = startProgram([quarry, 'serve', '--json', '--grace', '5'], { env: environment() })
  const { listening } = JSON.parse(`{"listening":${await server.heard('{"listening":')}`)
  webhooks = `${listening}/api/github/webhooks`
  installation = github.addInstallation({ account: 'acme', type: 'Organization' })
  repository = github.addRepository({ installation, fullName: 'acme/shop', gitDir: sample.path })
})

afterAll(async () => {
  await server?.kill()
  await github?.close()
  await database?.close()
  await sample?.remove()
})

function environment(): Record<string, string> {
  const { PATH = '', HOME = '' } = process.env
  return { PATH, HOME, ...appVariables(github), QUARRY_HOME: sample.home, DATABASE_URL: database.url }
}

function line(number: number) {
  const found = samplePullLines(sample).get(number)
  if (found === undefined) throw new Error(`the sample has no pull ${number}`)
  return found
}

async function ask(...args: string[]): Promise<Record<string, unknown>[]> {
  const { stdout } = await runQuarry([...args, '--json'], environment())
  return jsonLines(stdout)
}

test('what was merged before the App was installed becomes tasks', async () => {
  mergeOn(github, repository, line(2))
  mergeOn(github, repository, line(4))
  const payload = github.payloads.installation('created', installation)
  expect(await github.deliver('installation', payload, { to: webhooks })).toMatchObject({ statusCode: 202 })
  await expect
    .poll(() => ask('candidates'), { timeout: 120_000, interval: 1000 })
    .toEqual(
      expect.arrayContaining([
        expect.objectContaining({ pull: 2, state: 'vetted' }),
        expect.objectContaining({ pull: 4, state: 'vetted' }),
      ]),
    )
  expect((await ask('tasks')).map(({ task }) => task).sort()).toEqual(['acme__shop-2', 'acme__shop-4'])
}, 150_000)

test('what is merged from then on comes by itself', async () => {
  mergeOn(github, repository, line(10))
  const payload = await github.payloads.pullRequestClosed(repository, 10)
  await github.deliver('pull_request', payload, { to: webhooks })
  await expect
    .poll(() => ask('tasks'), { timeout: 120_000, interval: 1000 })
    .toEqual(expect.arrayContaining([expect.objectContaining({ task: 'acme__shop-10' })]))
}, 150_000)

test('everything that was asked is as GitHub publishes it', () => {
  expect(github.problems).toEqual([])
})
