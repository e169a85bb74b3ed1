import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eq, sql } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { candidates, environments, pulls } from '../../src/db/schema.ts'
import { counted } from '../../src/github/index.ts'
import { forecastOf } from '../../src/pipeline/forecast.ts'
import { backfillRepository } from '../../src/pipeline/github/backfill.ts'
import { forecastBackfills, type RepositoryForecast } from '../../src/pipeline/github/forecasts.ts'
import { appVariables } from '../end-to-end/github-sample.ts'
import { jsonLines, runQuarry } from '../end-to-end/sample.ts'
import { addCandidate, addParts, addRepository } from '../filled-database.ts'
import { makeRepository } from '../git/repository.ts'
import { type GitHubServer, type Installation, type Repository, startGitHub } from '../github/index.ts'
import { addManyPulls, type ManyPulls, makeManyPulls, timeText } from '../github/many-pulls.ts'
import { testDatabase } from '../postgres.ts'
import { type OpenIntake, openIntake } from './intake-on.ts'

const COUNT = 210
let folder: string
let many: ManyPulls
let github: GitHubServer
let installation: Installation
let repository: Repository
let database: Awaited<ReturnType<typeof testDatabase>>
let opened: OpenIntake

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-forecast-'))
  many = makeManyPulls(join(folder, 'shop.git'), COUNT)
})
afterAll(() => rmSync(folder, { recursive: true }))

beforeEach(async () => {
  github = await startGitHub()
  installation = github.addInstallation({ account: 'acme' })
  repository = github.addRepository({ installation, fullName: 'acme/shop', gitDir: many.gitDir })
  addManyPulls(github, repository, many, { closing: 5, comments: () => 2 })
  database = await testDatabase()
  opened = openIntake(github, database.db)
})
afterEach(async () => {
  await opened.close()
  await database.close()
  await github.close()
  expect(github.problems).toEqual([])
})

const everything = { since: null, pulls: 20_000 }

async function forecasts(bounds: { since: Date | null; pulls: number } = everything, name: string | null = null) {
  const found: RepositoryForecast[] = []
  const options = { bounds, concurrency: 2, home: join(folder, 'home') }
  for await (const one of forecastBackfills(opened.intake, name, options)) found.push(one)
  return found
}

async function stored(): Promise<number> {
  const { rows } = await database.db.execute<{ rows: number }>(sql`
    select ((select count(*) from repositories) + (select count(*) from pulls) + (select count(*) from candidates))::int as rows`)
  return rows[0]?.rows ?? 0
}

test.each([
  ['all of it', everything],
  ['the newest 150', { since: null, pulls: 150 }],
  ['those since a day', { since: new Date(timeText(120)), pulls: 20_000 }],
])('what is forecast of %s is what the backfill then does', async (_, bounds) => {
  const id = await opened.store(repository)
  const [before] = await forecasts(bounds)
  expect(await database.db.$count(pulls)).toBe(0)
  const { access, cost } = counted(opened.intake.github)
  await backfillRepository({ ...opened.intake, github: access }, id, bounds)
  expect(before?.forecast?.requests).toMatchObject(cost())
  expect(before).toMatchObject({
    ...{ repository: 'acme/shop', backfill: 'to come', left: null },
    forecast: {
      pulls: COUNT,
      within: await database.db.$count(pulls),
      candidates: await database.db.$count(candidates, eq(candidates.state, 'proposed')),
      refused: { 'no-linked-issue': await database.db.$count(candidates, eq(candidates.state, 'refused')) },
    },
  })
  expect(before?.forecast?.forecast.disk.mirror).toBeGreaterThan(10_000)
})

test('a repository that was not heard of is forecast, too, and what may not be read is left; nothing is kept', async () => {
  const git = makeRepository()
  git.commit('first', { 'a.txt': '1\n' })
  const gitDir = join(git.folder, '.git')
  github.addRepository({ installation, fullName: 'acme/vault', private: true, gitDir })
  github.archive(github.addRepository({ installation, fullName: 'acme/old', gitDir }))
  const empty = makeRepository()
  github.addRepository({ installation, fullName: 'acme/empty', gitDir: join(empty.folder, '.git') })
  github.suspendInstallation(github.addInstallation({ account: 'umbrella' }))
  const lines = await forecasts()
  expect(lines.map((line) => [line.repository, line.left, line.forecast?.candidates ?? null])).toEqual([
    ['acme/shop', null, 42],
    ['acme/vault', 'not-consented', null],
    ['acme/old', 'repository-archived', null],
    ['acme/empty', 'fault', null],
  ])
  expect(github.requests.filter(({ kind, path }) => kind === 'git' && path.includes('vault'))).toEqual([])
  expect(
    readdirSync(join(folder, 'home', 'work'), { recursive: true }).filter((name) => `${name}`.endsWith('.git')),
  ).toEqual([])
  expect(await database.db.$count(pulls)).toBe(0)
  await expect(forecasts(everything, 'acme/nothing')).rejects.toThrow('not installed')
  for (const made of [git, empty]) rmSync(made.folder, { recursive: true })
})

test('figures are those of what was mined here, once that is enough', async () => {
  const { db } = database
  const id = await addRepository(db)
  const ask = () => forecastOf(db, id, { candidates: 30, mirrorBytes: 1000, concurrency: 2 })
  for (let number = 1; number <= 9; number += 1) {
    const state = number <= 6 ? 'vetted' : 'refused'
    const seconds = { environment: 8, validators: 2 }
    const candidate = await addCandidate(db, id, number, { state, baseCommit: 'b'.repeat(40), seconds })
    await addParts(db, candidate, `key-${number}`)
  }
  await db.update(environments).set({ layerBytes: 2_000_000, unpackedBytes: 5_000_000 })
  expect(await ask()).toMatchObject({ basis: 'usual yield', yield: 0.4, likely_tasks: 12 })
  const last = await addCandidate(db, id, 10, { state: 'refused', baseCommit: 'b'.repeat(40), seconds: { runs: 10 } })
  expect(last).toBeGreaterThan(0)
  const measured = await ask()
  expect(measured).toMatchObject({ basis: 'this repository', yield: 0.6, likely_tasks: 18, seconds: 150 })
  expect(measured.disk).toMatchObject({ mirror: 1000, layers: 60_000_000, unpacked: 150_000_000 })
  expect(measured.disk.total).toBe(1000 + 60_000_000 + measured.disk.rows)
  const elsewhere = await forecastOf(db, null, { candidates: 30, mirrorBytes: 0, concurrency: 2 })
  expect(elsewhere).toMatchObject({ basis: 'all repositories mined here', likely_tasks: 18 })
})

test('quarry nightly --dry-run tells it, and leaves the ledger as it was', async () => {
  const variables = {
    ...appVariables(github),
    ...{ QUARRY_HOME: join(folder, 'command'), DATABASE_URL: database.url, QUARRY_BACKFILL_PULLS: '100' },
  }
  const before = await stored()
  const told = await runQuarry(['nightly', '--dry-run', '--json'], variables)
  expect(told.exitCode).toBe(0)
  const [line, last] = jsonLines(told.stdout)
  expect(line).toMatchObject({ repository: 'acme/shop', forecast: { pulls: 210, within: 100, candidates: 20 } })
  expect(last).toMatchObject({ summary: { candidates: 20, likely_tasks: 8 }, cost: { graphql: 2 }, stored: 'mirrors' })
  const { stdout } = await runQuarry(['nightly', '--dry-run', '--repository', 'acme/shop'], variables)
  expect(stdout).toMatch(/acme\/shop +210 +100 +20 +8 /)
  expect(stdout).toContain('Nothing was stored but mirrors.')
  expect(await stored()).toBe(before)
}, 120_000)
