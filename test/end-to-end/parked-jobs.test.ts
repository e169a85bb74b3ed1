import { eq } from 'drizzle-orm'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { candidates, deliveries } from '../../src/db/schema.ts'
import { Fault } from '../../src/errors.ts'
import { makeLog } from '../../src/log.ts'
import { type Jobs, jobNames } from '../../src/pipeline.ts'
import { createQueue } from '../../src/queue/queue.ts'
import { addCandidate, addRepository } from '../filled-database.ts'
import { testDatabase } from '../postgres.ts'
import { jsonLines, runQuarry } from './sample.ts'

let database: Awaited<ReturnType<typeof testDatabase>>
let repository: number
let candidate: number

beforeEach(async () => {
  database = await testDatabase()
  repository = await addRepository(database.db)
  candidate = await addCandidate(database.db, repository, 12, {
    ...{ state: 'fault', stage: 'environment', reason: null, decidedAt: new Date() },
    evidence: { fault: 'registry', message: 'the registry did not answer' },
  })
  await database.db.insert(deliveries).values({
    ...{ guid: 'guid-1', event: 'pull_request', action: 'closed', installation: '7', repository: '99', number: 12 },
    ...{ state: 'waiting', payload: Buffer.from('{}') },
  })
})
afterEach(() => database.close())

const quarry = (...args: string[]) => runQuarry(args, { DATABASE_URL: database.url, QUARRY_HOME: '/nonexistent' })

/** Jobs of every kind, each of which failed in its only attempt. */
async function park(): Promise<void> {
  const retry = { limit: 0, delaySeconds: 1 }
  const queue = await createQueue<Jobs>(database, jobNames, { log: makeLog('silent'), retry })
  const fail = async () => {
    throw new Fault('github', 'GitHub answered 502', { mend: 'wait for it' })
  }
  await queue.work({ pull: fail, settings: fail, backfill: fail, delivery: fail, nightly: fail, environment: fail })
  await database.db.transaction(async (tx) => {
    const key = (name: string) => ({ key: name })
    await queue.add(tx, 'pull', { repository, number: 12 }, key('pull'))
    await queue.add(tx, 'settings', { repository, commit: null }, key('settings'))
    await queue.add(tx, 'backfill', { repository }, key('backfill'))
    await queue.add(tx, 'delivery', { delivery: 'guid-1' }, key('delivery'))
    await queue.add(tx, 'nightly', {}, key('nightly'))
    await queue.add(tx, 'environment', { candidate, priority: 0 }, key('environment'))
  })
  await expect.poll(async () => (await queue.dead()).length, { timeout: 30_000 }).toBe(6)
  await queue.stop(0)
}

const job = (lines: readonly Record<string, unknown>[], name: string) => lines.find((line) => line.name === name)

test('parked jobs of every kind are listed with what they are about and why, and put back', async () => {
  await park()
  const { stdout, exitCode } = await quarry('jobs', '--json')
  expect(exitCode).toBe(0)
  const lines = jsonLines(stdout)
  const about = (name: string) => job(lines, name)?.about
  expect(about('pull')).toEqual({ stage: 'intake', repository: 'acme/shop', pull: 12 })
  expect(about('settings')).toEqual({ stage: 'intake', repository: 'acme/shop' })
  expect(about('backfill')).toEqual({ stage: 'intake', repository: 'acme/shop' })
  expect(about('delivery')).toEqual({ stage: 'intake', delivery: 'guid-1', event: 'pull_request', pull: 12 })
  expect(about('nightly')).toEqual({ stage: 'intake' })
  expect(about('environment')).toEqual({ stage: 'environment', candidate, repository: 'acme/shop', pull: 12 })
  expect(lines.map(({ error }) => error)).toEqual(Array(6).fill('GitHub answered 502; wait for it'))
  const table = (await quarry('jobs')).stdout
  expect(table).toMatch(/pull +acme\/shop#12 .*GitHub answered 502; wait for it/)
  expect(table).toMatch(/delivery +pull_request guid-1 /)

  // A candidate that a fault ended is worked on again: else its job would find nothing to do.
  const back = await quarry('jobs', '--retry', String(job(lines, 'environment')?.id))
  expect(back.stdout).toMatch(/^1 queued again/)
  const [row] = await database.db.select().from(candidates).where(eq(candidates.id, candidate))
  expect(row).toMatchObject({ state: 'proposed', decidedAt: null, evidence: {} })
  expect(await waiting()).toEqual(['environment'])

  expect((await quarry('jobs', '--retry', 'all')).stdout).toMatch(/^5 queued again/)
  expect(await waiting()).toEqual(['backfill', 'delivery', 'environment', 'nightly', 'pull', 'settings'])
  expect((await quarry('jobs', '--json')).stdout).toBe('')
}, 120_000)

test('a job that is not there can\u2019t be put back', async () => {
  const { exitCode, stderr } = await quarry('jobs', '--retry', '0b9e1c1a-5d0e-4a51-9b2f-0e4f2a6c7d11')
  expect(exitCode).toBe(2)
  expect(stderr).toMatch(/No parked job 0b9e1c1a/)
  expect(stderr).not.toMatch(/^\s+at /m)
}, 60_000)

async function waiting(): Promise<string[]> {
  const { rows } = await database.db.execute<{ name: string }>(
    `select name from pgboss.job where state = 'created' and name <> 'dead' order by name`,
  )
  return rows.map(({ name }) => name)
}
