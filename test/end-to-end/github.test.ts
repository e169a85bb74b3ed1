import { afterAll, beforeAll, expect, test } from 'vitest'
import { tracesInDatabase, tracesInFiles } from '../erasure/traces.ts'
import { isObject } from '../github/json.ts'
import { testDatabase } from '../postgres.ts'
import { jsonLines, runQuarry } from './sample.ts'
import { type ServedApp, serveApp } from './served-app.ts'

let app: ServedApp
let database: Awaited<ReturnType<typeof testDatabase>>

beforeAll(async () => {
  database = await testDatabase()
  app = await serveApp(database.url, 2)
})

afterAll(async () => {
  await app?.close()
  await database?.close()
})

test('what was merged before the App was installed becomes tasks', async () => {
  app.merge(2, 4)
  const payload = app.github.payloads.installation('created', app.installation)
  expect(await app.deliver('installation', payload)).toMatchObject({ statusCode: 202 })
  await app.tasksBecome(2, 4)
}, 180_000)

test('what is merged from then on, a rebase and a squash, comes by itself, however often it is told', async () => {
  const { github, repository } = app
  app.merge(10, 6)
  const payloads = await Promise.all([10, 6].map((number) => github.payloads.pullRequestClosed(repository, number)))
  for (const payload of [...payloads, ...payloads.toReversed()]) await app.deliver('pull_request', payload)
  await app.tasksBecome(2, 4, 6, 10)
  const told = () => github.checkRuns.map(({ shown }) => (isObject(shown) ? shown.conclusion : null))
  await expect.poll(told, { timeout: 20_000 }).toEqual(['success', 'success'])
}, 180_000)

test('the command line reads the same pulls with a token, and no App', async () => {
  const { QUARRY_HOME, GHE_HOST = '', GHE_PROTOCOL = '', PATH = '', HOME = '' } = app.environment
  const variables = { QUARRY_HOME: `${QUARRY_HOME}-2`, GHE_HOST, GHE_PROTOCOL, PATH, HOME }
  const address = `${app.github.url}/acme/shop.git`
  const { stdout, stderr } = await runQuarry(['mine', address, '--dry-run', '--json'], {
    ...variables,
    GITHUB_TOKEN: app.github.personalToken,
  })
  expect(stderr).not.toContain('at ')
  expect(jsonLines(stdout).at(-1)).toMatchObject({ summary: { pulls: 4, candidates: 4 } })
}, 60_000)

test('uninstalled, nothing of it is served or left', async () => {
  const title = 'A discount rounds the wrong way'
  expect(await tracesInDatabase(database.db, title)).toContain('public.pull_issues.title')
  app.github.deleteInstallation(app.installation)
  await app.deliver('installation', app.github.payloads.installation('deleted', app.installation))
  await app.tasksBecome()
  await expect.poll(() => tracesInDatabase(database.db, title), { timeout: 30_000, interval: 500 }).toEqual([])
  const { home } = app.sample
  const files = () => [...tracesInFiles(home, title), ...tracesInFiles(home, 'discounted(cents')]
  await expect.poll(files, { timeout: 90_000, interval: 2000 }).toEqual([])
}, 150_000)

test('everything that was asked is as GitHub publishes it', () => {
  expect(app.github.problems).toEqual([])
})
