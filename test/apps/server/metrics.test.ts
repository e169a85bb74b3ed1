import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDoor } from '../../../src/apps/github-app/door.ts'
import { makeMetrics } from '../../../src/apps/server/metrics.ts'
import { readConfig } from '../../../src/config.ts'
import { githubBudgets, grades, installations, nightlyReports } from '../../../src/db/schema.ts'
import { Fault } from '../../../src/errors.ts'
import { installationRepositories } from '../../../src/github/index.ts'
import { makeLog } from '../../../src/log.ts'
import { storeBudgets, watchBudgets } from '../../../src/pipeline/github/store-budgets.ts'
import { noteDisk, watchDisk } from '../../../src/pipeline/watch-disk.ts'
import { type Jobs, jobNames } from '../../../src/pipeline.ts'
import { createQueue } from '../../../src/queue/queue.ts'
import type { Queue } from '../../../src/queue/types.ts'
import { appVariables } from '../../end-to-end/github-sample.ts'
import { addRepository, addTask } from '../../filled-database.ts'
import { startGitHub } from '../../github/index.ts'
import { watchedLog } from '../../log-lines.ts'
import { testDatabase } from '../../postgres.ts'

let database: Awaited<ReturnType<typeof testDatabase>>
let home: string
let queue: Queue<Jobs>

beforeEach(async () => {
  database = await testDatabase()
  home = mkdtempSync(join(tmpdir(), 'quarry-metrics-'))
  queue = await createQueue<Jobs>(database, jobNames, { log: makeLog('silent'), retry: { limit: 0, delaySeconds: 1 } })
})
afterEach(async () => {
  rmSync(home, { recursive: true, force: true })
  await queue.stop(0)
  await database.close()
})

/** What a server says that has done nothing itself: name with labels → value. */
async function scrape(): Promise<Map<string, number>> {
  const text = await makeMetrics(database.db, makeLog('warn')).text()
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]))
}

test('what the jobs of every worker took, and the faults they met, are told, and outlive the worker', async () => {
  await queue.work({
    async snapshot({ candidate }) {
      if (candidate === 3) throw new Fault('disk-full', 'no space is left')
      if (candidate === 4) throw new TypeError('nobody foresaw this')
    },
  })
  await database.db.transaction(async (tx) => {
    const jobs = [1, 2, 3, 4].map((candidate) => ({ data: { candidate, priority: 0 }, key: `candidate:${candidate}` }))
    await queue.addAll(tx, 'snapshot', jobs)
  })
  const counted = async () => (await scrape()).get('quarry_stage_seconds_count{stage="snapshot"}')
  const parked = async () => (await scrape()).get('quarry_queue_jobs{queue="dead",state="created"}')
  await expect.poll(parked, { timeout: 20_000 }).toBe(2)
  await expect.poll(counted, { timeout: 20_000 }).toBe(2)
  const told = await scrape()
  expect(told.get('quarry_stage_seconds_bucket{stage="snapshot",le="+Inf"}')).toBe(2)
  expect(told.get('quarry_stage_seconds_bucket{stage="snapshot",le="3600"}')).toBe(2)
  expect(told.get('quarry_stage_seconds_sum{stage="snapshot"}')).toBeGreaterThanOrEqual(0)
  expect(told.get('quarry_faults_total{stage="snapshot",kind="disk-full"}')).toBe(1)
  expect(told.get('quarry_faults_total{stage="snapshot",kind="bug"}')).toBe(1)
  expect(told.get('quarry_database_up')).toBe(1)
})

test('GitHub\u2019s budgets are those that whichever process was told last, and whole once their hour is over', async () => {
  const github = await startGitHub()
  const installation = github.addInstallation({ account: 'acme' })
  await database.db.insert(installations).values({ id: installation.id, account: 'acme' })
  const door = openDoor(readConfig({ ...appVariables(github), HOME: home }), makeLog('silent'))
  if (door === null) throw new Error('no way to GitHub')
  const watch = watchBudgets(database.db, door.access, makeLog('silent'))
  await installationRepositories(await door.access.client(installation.id, 'live'))
  await installationRepositories(await door.access.client(installation.id, 'live'))
  await watch.stop()
  const labels = `{installation="${installation.id}",account="acme",resource="core"}`
  expect((await scrape()).get(`quarry_github_budget_remaining${labels}`)).toBe(4998)
  expect((await scrape()).get(`quarry_github_budget_limit${labels}`)).toBe(5000)
  // Another process was told earlier, and stores later.
  const old = { limit: 5000, remaining: 7, resetsAt: Date.now() + 60_000, toldAt: Date.now() - 60_000 }
  const other = { budgets: () => new Map([[installation.id, new Map([['core', old]])]]) }
  await storeBudgets(database.db, other, 0)
  expect((await scrape()).get(`quarry_github_budget_remaining${labels}`)).toBe(4998)
  await database.db.update(githubBudgets).set({ resetsAt: new Date(Date.now() - 1000) })
  expect((await scrape()).get(`quarry_github_budget_remaining${labels}`)).toBe(5000)
  await database.db.update(installations).set({ state: 'removed' }).where(eq(installations.id, installation.id))
  expect((await scrape()).has(`quarry_github_budget_remaining${labels}`)).toBe(false)
  expect(github.problems).toEqual([])
  await github.close()
})

test('each machine\u2019s disk is told, with what takes it', async () => {
  mkdirSync(join(home, 'mirrors'))
  writeFileSync(join(home, 'mirrors', 'pack'), 'x'.repeat(100_000))
  await noteDisk({ home, db: database.db, budget: 40 * 2 ** 30 })
  const told = await scrape()
  const only = (name: string, part = '') => {
    const found = [...told].filter(([key]) => key.startsWith(`${name}{machine="`) && key.endsWith(`${part}}`))
    expect(found).toHaveLength(1)
    return found[0]?.[1]
  }
  expect(only('quarry_disk_used_bytes', 'part="mirrors"')).toBeGreaterThanOrEqual(100_000)
  expect(only('quarry_disk_budget_bytes')).toBe(40 * 2 ** 30)
  expect(only('quarry_disk_free_bytes')).toBeGreaterThan(0)
  expect(only('quarry_disk_size_bytes')).toBeGreaterThan(only('quarry_disk_free_bytes') ?? 0)
  expect(only('quarry_disk_measured_timestamp_seconds')).toBeGreaterThan(Date.now() / 1000 - 60)
})

test('a process that ends at once does not wait for its disk to be measured', async () => {
  const watch = watchDisk({ home, db: database.db, budget: 1 }, makeLog('silent'))
  await watch.stop()
  expect([...(await scrape()).keys()].filter((key) => key.startsWith('quarry_disk_used_bytes'))).toEqual([])
})

test('the last night is told, and nothing where there was none', async () => {
  const none = await scrape()
  expect([...none.keys()].filter((key) => key.startsWith('quarry_nightly'))).toEqual([])
  const endedAt = new Date('2026-01-02T03:00:00Z')
  const report = { faults: [{ what: 'installations', why: 'GitHub answered 502' }] }
  await database.db.insert(nightlyReports).values({ startedAt: endedAt, endedAt, report })
  const told = await scrape()
  expect(told.get('quarry_nightly_ended_timestamp_seconds')).toBe(endedAt.getTime() / 1000)
  expect(told.get('quarry_nightly_faults')).toBe(1)
})

test('while the database is down the rest is told, and that it is', async () => {
  const { log, lines } = watchedLog('warn')
  const gone = await testDatabase()
  await gone.close()
  const metrics = makeMetrics(gone.db, log)
  metrics.delivered('push', 'failed')
  const text = await metrics.text()
  expect(text).toMatch(/^quarry_database_up 0$/m)
  expect(text).toMatch(/^quarry_deliveries_total\{event="push",outcome="failed"\} 1$/m)
  expect(text).not.toMatch(/^quarry_(candidates|nightly|stage)/m)
  expect(lines()).toMatchObject([{ msg: 'metrics without the database' }])
})

test('how many grades wait is told by the system that they need, and for how long', async () => {
  const { db } = database
  const taskId = await addTask(db, await addRepository(db), 1)
  const grade = { taskId, contentHash: 'sha256:x', patch: Buffer.from('x'), state: 'queued' } as const
  const queuedAt = new Date(Date.now() - 3600_000)
  await db.insert(grades).values([
    { ...grade, patchDigest: 'a', root: 'debian-12', queuedAt },
    { ...grade, patchDigest: 'b', root: 'debian-12' },
    { ...grade, patchDigest: 'c', root: 'debian-13', job: crypto.randomUUID() },
  ])
  const told = await scrape()
  expect(told.get('quarry_grades_waiting{root="debian-12"}')).toBe(2)
  expect(told.get('quarry_grades_oldest_seconds{root="debian-12"}')).toBeGreaterThanOrEqual(3600)
  expect(told.has('quarry_grades_waiting{root="debian-13"}')).toBe(false)
})
