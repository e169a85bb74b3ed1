import { afterAll, beforeAll, expect, test } from 'vitest'
import { type GitHubServer, type Installation, type Repository, startGitHub } from '../github/index.ts'
import { type Program, startProgram } from '../program.ts'
import { type StoppablePostgres, startPostgres } from '../stoppable-postgres.ts'
import { appVariables, mergeOn, samplePullLines } from './github-sample.ts'
import { jsonLines, makeSample, quarry, runQuarry, type Sample } from './sample.ts'

let sample: Sample
let github: GitHubServer
let postgres: StoppablePostgres
let server: Program
let worker: Program
let address: string
let installation: Installation
let repository: Repository

beforeAll(async () => {
  sample = await makeSample()
  github = await startGitHub()
  postgres = await startPostgres()
  server = startProgram([quarry, 'serve', '--no-worker', '--json'], { env: environment() })
  address = JSON.parse(`{"listening":${await server.heard('{"listening":')}`).listening
  worker = startProgram([quarry, 'worker', '--concurrency', '1', '--json'], { env: environment() })
  installation = github.addInstallation({ account: 'acme', type: 'Organization' })
  repository = github.addRepository({ installation, fullName: 'acme/shop', gitDir: sample.path })
})

afterAll(async () => {
  for (const program of [server, worker]) await program?.kill()
  await github?.close()
  await postgres?.remove()
  await sample?.remove()
})

function environment(): Record<string, string> {
  const { PATH = '', HOME = '' } = process.env
  return { PATH, HOME, ...appVariables(github), QUARRY_HOME: sample.home, DATABASE_URL: postgres.url }
}

const deliver = (event: string, payload: Parameters<GitHubServer['deliver']>[1]) =>
  github.deliver(event, payload, { to: `${address}/api/github/webhooks` })

const readiness = async () => (await fetch(`${address}/readyz`)).status

async function tasksBecome(...names: readonly string[]): Promise<void> {
  const tasks = async () => jsonLines((await runQuarry(['tasks', '--json'], environment())).stdout)
  const found = async () => (await tasks()).map(({ task }) => task).sort()
  await expect.poll(found, { timeout: 200_000, interval: 1000 }).toEqual(names)
}

test('a database that is away is told of and waited for, and the job at which it went away goes on when it is back', async () => {
  const pulls = samplePullLines(sample)
  for (const number of [2, 4]) mergeOn(github, repository, pulls.get(number) ?? expect.fail())
  expect(await deliver('installation', github.payloads.installation('created', installation))).toMatchObject({
    statusCode: 202,
  })
  // Its first stage is done, and the next one under way.
  await worker.heard('{"candidate":')
  await postgres.stop('immediate')
  expect(await readiness()).toBe(503)
  expect((await fetch(`${address}/healthz`)).status).toBe(200)
  const told = await github.payloads.pullRequestClosed(repository, 2)
  expect(await deliver('pull_request', told)).toMatchObject({ statusCode: 503 })
  await postgres.start()
  expect(await readiness()).toBe(200)
  expect(await deliver('pull_request', told)).toMatchObject({ statusCode: 202 })
  await tasksBecome('acme__shop-2', 'acme__shop-4')
}, 300_000)

test('both end in order though it is away', async () => {
  await postgres.stop('fast')
  for (const program of [server, worker]) process.kill(program.pid, 'SIGTERM')
  expect(await Promise.all([server.finish(), worker.finish()])).toEqual([0, 0])
}, 60_000)
