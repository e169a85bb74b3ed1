import { afterAll, beforeAll, expect, test } from 'vitest'
import { tracesInDatabase, tracesInFiles } from '../erasure/traces.ts'
import { type GitHubServer, type Installation, type Repository, startGitHub } from '../github/index.ts'
import { isObject } from '../github/json.ts'
import { testDatabase } from '../postgres.ts'
import { type Program, startProgram } from '../program.ts'
import { appVariables, mergeOn, samplePullLines } from './github-sample.ts'
import { jsonLines, makeSample, quarry, runQuarry, type Sample } from './sample.ts'

let sample: Sample
let github: GitHubServer
let database: Awaited<ReturnType<typeof testDatabase>>
let server: Program
const workers: Program[] = []
let webhooks: string
let installation: Installation
let repository: Repository

beforeAll(async () => {
  sample = await makeSample()
  github = await startGitHub()
  database = await testDatabase()
  server = startProgram([quarry, 'serve', '--no-worker', '--json'], { env: environment() })
  const { listening } = JSON.parse(`{"listening":${await server.heard('{"listening":')}`)
  webhooks = `${listening}/api/github/webhooks`
  for (let started = 0; started < 2; started += 1)
    workers.push(
      startProgram([quarry, 'worker', '--concurrency', '1', '--grace', '5', '--json'], { env: environment() }),
    )
  installation = github.addInstallation({ account: 'acme', type: 'Organization' })
  repository = github.addRepository({ installation, fullName: 'acme/shop', gitDir: sample.path })
})

afterAll(async () => {
  for (const program of [server, ...workers]) await program?.kill()
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

async function tasksBecome(...numbers: readonly number[]): Promise<void> {
  const names = async () => (await ask('tasks')).map(({ task }) => task).sort()
  const wanted = numbers.map((number) => `acme__shop-${number}`).sort()
  await expect.poll(names, { timeout: 150_000, interval: 1000 }).toEqual(wanted)
}

test('what was merged before the App was installed becomes tasks', async () => {
  for (const number of [2, 4]) mergeOn(github, repository, line(number))
  const payload = github.payloads.installation('created', installation)
  expect(await github.deliver('installation', payload, { to: webhooks })).toMatchObject({ statusCode: 202 })
  await tasksBecome(2, 4)
}, 180_000)

test('what is merged from then on, a rebase and a squash, comes by itself, however often it is told', async () => {
  for (const number of [10, 6]) mergeOn(github, repository, line(number))
  const payloads = await Promise.all([10, 6].map((number) => github.payloads.pullRequestClosed(repository, number)))
  for (const payload of [...payloads, ...payloads.toReversed()])
    await github.deliver('pull_request', payload, { to: webhooks })
  await tasksBecome(2, 4, 6, 10)
  const told = () => github.checkRuns.map(({ shown }) => (isObject(shown) ? shown.conclusion : null))
  await expect.poll(told, { timeout: 20_000 }).toEqual(['success', 'success'])
}, 180_000)

test('the command line reads the same pulls with a token, and no App', async () => {
  const { QUARRY_HOME, GHE_HOST, GHE_PROTOCOL, PATH, HOME } = environment()
  const variables = { QUARRY_HOME: `${QUARRY_HOME}-2`, GHE_HOST, GHE_PROTOCOL, PATH, HOME } as Record<string, string>
  const { stdout, stderr } = await runQuarry(['mine', `${github.url}/acme/shop.git`, '--dry-run', '--json'], {
    ...variables,
    GITHUB_TOKEN: github.personalToken,
  })
  expect(stderr).not.toContain('at ')
  expect(jsonLines(stdout).at(-1)).toMatchObject({ summary: { pulls: 4, candidates: 4 } })
}, 60_000)

test('uninstalled, nothing of it is served or left', async () => {
  const title = 'A discount rounds the wrong way'
  expect(await tracesInDatabase(database.db, title)).toContain('public.pull_issues.title')
  github.deleteInstallation(installation)
  const payload = github.payloads.installation('deleted', installation)
  await github.deliver('installation', payload, { to: webhooks })
  await tasksBecome()
  await expect.poll(() => tracesInDatabase(database.db, title), { timeout: 30_000, interval: 500 }).toEqual([])
  const files = () => [...tracesInFiles(sample.home, title), ...tracesInFiles(sample.home, 'discounted(cents')]
  await expect.poll(files, { timeout: 90_000, interval: 2000 }).toEqual([])
}, 150_000)

test('everything that was asked is as GitHub publishes it', () => {
  expect(github.problems).toEqual([])
})
