import { afterAll, beforeAll, expect, test } from 'vitest'
import { runServer } from '../../src/apps/server/serve.ts'
import { readConfig } from '../../src/config.ts'
import { stageNames } from '../../src/pipeline.ts'
import { type GitHubServer, startGitHub } from '../github/index.ts'
import { watchedLog } from '../log-lines.ts'
import { testDatabase } from '../postgres.ts'
import { appVariables, mergeOn, samplePullLines } from './github-sample.ts'
import { fewestRuns, makeSample, type Sample } from './sample.ts'

const { log, lines, text } = watchedLog('trace')
let sample: Sample
let github: GitHubServer
let database: Awaited<ReturnType<typeof testDatabase>>

beforeAll(async () => {
  sample = await makeSample()
  github = await startGitHub()
  database = await testDatabase()
})

afterAll(async () => {
  await github?.close()
  await database?.close()
  await sample?.remove()
})

/** Serves with a worker inside until `work` is done. */
async function serving(work: (webhooks: string) => Promise<void>): Promise<void> {
  const { PATH, HOME } = process.env
  const own = { PATH, HOME, ...fewestRuns, QUARRY_HOME: sample.home, DATABASE_URL: database.url }
  const config = readConfig({ ...own, ...appVariables(github) })
  const stopped = new AbortController()
  const listening = Promise.withResolvers<string>()
  const server = runServer(
    config,
    log,
    { worker: { stages: null, concurrency: 1, graceSeconds: 5 } },
    { ready: (address) => listening.resolve(address), settled: () => undefined, signal: stopped.signal },
  )
  try {
    await work(`${await Promise.race([listening.promise, server.then(() => '')])}/api/github/webhooks`)
  } finally {
    stopped.abort()
    await server
  }
}

const done = (queue: string) => lines().filter((line) => line.msg === 'job done' && line.queue === queue)

test('each line that a job logs says what it is about, from the delivery to the task', async () => {
  const pull = samplePullLines(sample).get(2)
  if (pull === undefined) throw new Error('the sample has no pull 2')
  const installation = github.addInstallation({ account: 'acme', type: 'Organization' })
  const repository = github.addRepository({ installation, fullName: 'acme/shop', gitDir: sample.path })
  let guid = ''
  await serving(async (to) => {
    await github.deliver('installation', github.payloads.installation('created', installation), { to })
    await expect.poll(() => done('backfill'), { timeout: 60_000 }).toHaveLength(1)
    mergeOn(github, repository, pull)
    const payload = await github.payloads.pullRequestClosed(repository, 2)
    guid = (await github.deliver('pull_request', payload, { to })).guid
    await expect.poll(() => done('feedback'), { timeout: 150_000, interval: 500 }).toHaveLength(1)
  })
  const about = { repository: 'acme/shop', pull: 2 }
  expect(lines().filter((line) => line.delivery === guid && line.job === undefined)).toMatchObject([
    { msg: 'webhook stored', ...about, event: 'pull_request' },
  ])
  const byJobs = lines().filter((line) => line.job !== undefined)
  const of = (queue: string) => byJobs.filter((line) => line.queue === queue)
  for (const line of of('delivery').filter((each) => each.delivery === guid)) expect(line).toMatchObject(about)
  for (const line of of('pull')) expect(line).toMatchObject({ ...about, stage: 'intake' })
  for (const line of of('backfill')) expect(line).toMatchObject({ repository: 'acme/shop', stage: 'intake' })
  for (const queue of stageNames) {
    expect(of(queue)).not.toEqual([])
    for (const line of of(queue)) expect(line).toMatchObject({ ...about, stage: queue, candidate: expect.any(Number) })
  }
  // Requests to GitHub are logged by its own client, inside the job that asks.
  expect(of('pull').filter(({ msg }) => /^GitHub request: /.test(msg ?? ''))).not.toEqual([])
}, 250_000)

test('what payloads say is in none of them', () => {
  const [issue] = samplePullLines(sample).get(2)?.issues ?? []
  expect(lines().some(({ level }) => level === 20)).toBe(true)
  for (const words of [issue?.title, issue?.body, 'mergedPulls', 'head_sha']) {
    expect(words).toBeTruthy()
    expect(text()).not.toContain(words)
  }
})
