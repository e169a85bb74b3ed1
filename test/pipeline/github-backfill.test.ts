import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { pulls, repositories } from '../../src/db/schema.ts'
import { backfillRepository } from '../../src/pipeline/github/backfill.ts'
import { takeInPull } from '../../src/pipeline/github/pull.ts'
import { type GitHubServer, type LoggedRequest, type Repository, startGitHub } from '../github/index.ts'
import { addManyPulls, type ManyPulls, makeManyPulls } from '../github/many-pulls.ts'
import { testDatabase } from '../postgres.ts'
import { type OpenIntake, openIntake } from './intake-on.ts'

const COUNT = 210
const everything = { since: null, pulls: 20_000 }

let folder: string
let many: ManyPulls
let github: GitHubServer
let repository: Repository
let database: Awaited<ReturnType<typeof testDatabase>>
let opened: OpenIntake
let id: number

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-backfill-'))
  many = makeManyPulls(join(folder, 'shop.git'), COUNT)
})
afterAll(() => rmSync(folder, { recursive: true }))

beforeEach(async () => {
  github = await startGitHub()
  const installation = github.addInstallation({ account: 'acme' })
  repository = github.addRepository({ installation, fullName: 'acme/shop', gitDir: many.gitDir })
  addManyPulls(github, repository, many, { closing: 5, comments: () => 2 })
  database = await testDatabase()
  opened = openIntake(github, database.db)
  id = await opened.store(repository)
})
afterEach(async () => {
  await opened.close()
  await database.close()
  await github.close()
  expect(github.problems).toEqual([])
})

const backfill = (intake = opened.intake) => backfillRepository(intake, id, everything)
const graphql = (operation?: string) =>
  github.requests.filter((one) => one.kind === 'graphql' && (operation ?? one.operation) === one.operation)

async function expectAllTakenIn(): Promise<void> {
  const rows = await database.db.select({ number: pulls.number }).from(pulls)
  const numbers = rows.map(({ number }) => number).sort((a, b) => a - b)
  expect(numbers).toEqual(Array.from({ length: COUNT }, (_, at) => at + 1))
}

/** Calls back when the nth request of an operation comes. */
function atRequest(operation: string, nth: number, then: () => void): (request: Readonly<LoggedRequest>) => boolean {
  let seen = 0
  return (request) => {
    if (request.operation !== operation) return false
    seen += 1
    if (seen === nth) then()
    return seen === nth
  }
}

test('takes in every pull once, a page of the list and its details at a time', async () => {
  await backfill()
  await expectAllTakenIn()
  expect(graphql().map(({ operation }) => operation)).toEqual(Array(3).fill(['mergedPulls', 'pullDetails']).flat())
})

test('ends through secondary limits, failures, cut connections and slow answers', async () => {
  github.failNext({
    kind: 'secondary',
    times: 2,
    retryAfter: 1,
    matching: atRequest('pullDetails', 1, () => undefined),
  })
  github.failNext({ kind: '502', matching: atRequest('mergedPulls', 2, () => undefined) })
  github.failNext({ kind: 'reset', matching: atRequest('pullDetails', 2, () => undefined) })
  github.failNext({ kind: 'slow', delay: 1500, matching: ({ operation }) => operation === 'mergedPulls' })
  github.failNext({ kind: 'secondary', retryAfter: 1, matching: ({ kind }) => kind === 'rest' })
  await backfill()
  await expectAllTakenIn()
})

test.each([
  ['secondary', 1],
  ['primary', 2],
] as const)('sends nothing while a %s limit holds', async (kind, seconds) => {
  let refusedAt = 0
  let resetAt = 0
  github.failNext({
    kind,
    retryAfter: seconds,
    get resetAt() {
      resetAt = (Math.floor(Date.now() / 1000) + seconds) * 1000
      return new Date(resetAt)
    },
    matching: atRequest('pullDetails', 2, () => {
      refusedAt = Date.now()
    }),
  })
  await backfill()
  await expectAllTakenIn()
  const over = kind === 'primary' ? resetAt : refusedAt + seconds * 1000 - 5
  const early = graphql().filter(({ time }) => time > refusedAt + 5 && time < over)
  expect(early).toEqual([])
  expect(graphql('pullDetails')).toHaveLength(4)
})

test('never asks for more than the hour has', async () => {
  await opened.intake.github.client(repository.installation?.id ?? 0, 'live')
  const resetAt = new Date((Math.floor(Date.now() / 1000) + 3) * 1000)
  github.setRateLimit({ remaining: 2, resource: 'graphql', resetAt })
  const client = await opened.intake.github.client(repository.installation?.id ?? 0, 'live')
  for (let asked = 0; asked < 4; asked += 1) await client.graphql('query small { rateLimit { cost } }')
  expect(graphql('small').filter(({ time }) => time < resetAt.getTime())).toHaveLength(2)
  expect(graphql('small')).toHaveLength(4)
})

test('leaves the rest of the hour to events, which go at once', async () => {
  const resetAt = new Date((Math.floor(Date.now() / 1000) + 6) * 1000)
  github.setRateLimit({ remaining: 900, resource: 'graphql', resetAt })
  const whole = backfill()
  await expect.poll(() => graphql('mergedPulls').length, { timeout: 5000 }).toBe(1)
  await takeInPull(opened.intake, id, 5)
  const [live] = graphql('pullDetails')
  expect(live?.time).toBeLessThan(resetAt.getTime())
  await whole
  await expectAllTakenIn()
  expect(graphql().filter(({ time }) => time < resetAt.getTime())).toHaveLength(2)
})

test('goes on where it was when it is stopped and started again', async () => {
  const stop = new AbortController()
  github.failNext({ kind: 'slow', delay: 500, matching: atRequest('mergedPulls', 2, () => stop.abort()) })
  await expect(backfill(opened.again(stop.signal))).rejects.toThrow()
  const [row] = await database.db.select({ backfill: repositories.backfill }).from(repositories)
  expect(row?.backfill).toMatchObject({ listed: 100, done: false })
  const before = graphql('mergedPulls').length
  await backfill(opened.again())
  await expectAllTakenIn()
  expect(graphql('mergedPulls').length - before).toBe(2)
})

test('stops at once while it waits for a limit to be over', async () => {
  const stop = new AbortController()
  github.failNext({ kind: 'secondary', retryAfter: 60, matching: ({ kind }) => kind === 'graphql' })
  const stopped = expect(backfill(opened.again(stop.signal))).rejects.toThrow()
  await expect.poll(() => graphql('mergedPulls')[0]?.status, { timeout: 30_000 }).toBe(403)
  const asked = performance.now()
  stop.abort()
  await stopped
  // However slow the machine is: the limit is over after a minute.
  expect(performance.now() - asked).toBeLessThan(20_000)
})
