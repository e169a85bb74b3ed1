import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { publications, tasks } from '../../src/db/schema.ts'
import { Fault } from '../../src/errors.ts'
import type { RunEnding } from '../../src/model/index.ts'
import { revalidate } from '../../src/pipeline/revalidate.ts'
import type { RunRecord } from '../../src/test-runs/types.ts'
import { type AgainServices, judge, type ValidatedAgain } from '../../src/validation/again.ts'
import { settleValidation, stalestTasks } from '../../src/validation/standing.ts'
import { addRepository, addTask, endTask } from '../filled-database.ts'
import { testDatabase } from '../postgres.ts'
import { foundTasks } from '../query/found.ts'
import { emptyMirror } from '../snapshot/sample.ts'

let database: Awaited<ReturnType<typeof testDatabase>>
let repositoryId: number

beforeAll(async () => {
  database = await testDatabase()
  repositoryId = await addRepository(database.db)
})
afterAll(() => database?.close())

const holds: ValidatedAgain = { lost: null, evidence: {} }
const lost = (reason: ValidatedAgain['lost']): ValidatedAgain => ({ lost: reason, evidence: {} })
const listed = async (id: number) => (await foundTasks(database.db, {})).some((task) => task.id === id)

describe('two tries', () => {
  const one = (failToPass: string[], passToPass: string[] = []) => ({ failToPass, passToPass, before: '', after: '' })
  test.each([
    ['hold', [one([])], null],
    ['lost a FAIL_TO_PASS test in both', [one(['a']), one(['a', 'b'])], 'fail-to-pass-lost'],
    ['lost one in one of them', [one(['a']), one([])], 'flaky'],
    ['lost different ones', [one(['a']), one(['b'])], 'flaky'],
    ['lost a PASS_TO_PASS test in both', [one([], ['p']), one([], ['p'])], 'pass-to-pass-lost'],
    ['lost one of these in one of them', [one([], ['p']), one([])], null],
  ])('%s', (_, tries, reason) => {
    expect(judge(tries).lost).toBe(reason)
  })
})

test('a task that no longer holds is quarantined and told; when it holds again it is back, but not a flaky one', async () => {
  const { db } = database
  const task = await addTask(db, repositoryId, 1)
  const before = new Date()
  expect(await settleValidation(db, task, holds)).toBe('holds')
  expect(await settleValidation(db, task, lost('pass-to-pass-lost'))).toBe('quarantined')
  expect(await listed(task)).toBe(false)
  expect(await settleValidation(db, task, holds)).toBe('released')
  expect(await listed(task)).toBe(true)
  await settleValidation(db, task, lost('flaky'))
  expect(await settleValidation(db, task, holds)).toBe('quarantined')
  const events = await db.select().from(publications).where(eq(publications.taskId, task))
  expect(events.map(({ event, detail }) => `${event} ${detail}`)).toEqual([
    'published null',
    'quarantined pass-to-pass-lost',
    'published holds-again',
    'quarantined flaky',
  ])
  const [row] = await db.select().from(tasks).where(eq(tasks.id, task))
  expect(row?.validatedAt.getTime()).toBeGreaterThanOrEqual(before.getTime() - 1000)
})

test('a task that somebody else quarantined, and a retired one, stay what they are', async () => {
  const { db } = database
  const [held, retired] = [await addTask(db, repositoryId, 2), await addTask(db, repositoryId, 3)]
  await endTask(db, held, 'quarantined')
  await endTask(db, retired, 'retired')
  expect(await settleValidation(db, held, holds)).toBe('quarantined')
  await settleValidation(db, retired, lost('fail-to-pass-lost'))
  expect([await listed(held), await listed(retired)]).toEqual([false, false])
  expect(await db.$count(publications, eq(publications.taskId, retired))).toBe(2)
})

test('the stalest go first, within the time; a fault leaves a task as it is', async () => {
  const { db } = database
  const [stale, fresh] = [await addTask(db, repositoryId, 4), await addTask(db, repositoryId, 5)]
  await db
    .update(tasks)
    .set({ validatedAt: new Date('2020-01-01') })
    .where(eq(tasks.id, stale))
  await db
    .update(tasks)
    .set({ validatedAt: new Date('2020-01-02') })
    .where(eq(tasks.id, fresh))
  expect(await stalestTasks(db, 'root', 2)).toEqual(['acme__shop-4@1', 'acme__shop-5@1'])
  const mirror = await emptyMirror(afterAll)
  const record = (status: 'passed' | 'failed'): RunRecord => {
    const statuses = [['test/a.js > mends', status] as const, ...held.map((test) => [test, 'passed'] as const)]
    const ending: RunEnding = { ended: 'completed', statuses: new Map(statuses) }
    return {
      ending,
      plans: [],
      buildWroteOver: false,
      exitCode: 0,
      seconds: { prepare: 0, build: 0, test: 0 },
      peakMib: null,
      log: Buffer.alloc(0),
    }
  }
  const held = ['test/a.js > holds', 'test/a.js > stays']
  const services = (broken: boolean): AgainServices => ({
    withMirror: (_, work) => work(mirror),
    withEnvironment: async (task, _, work) => {
      if (broken) throw new Fault('sandbox', 'no room')
      const run = async (tree: string) => record(tree === task.snapshot.afterTree ? 'passed' : 'failed')
      return work({ run, strategy: task.strategy, folders: { snapshot: '', layers: [] } })
    },
  })
  const seen: string[] = []
  const options = {
    db,
    root: 'root',
    limit: 2,
    seconds: 60,
    servicesFor: (task: { id: number }) => services(task.id === stale),
  }
  for await (const { task, standing } of revalidate(options)) seen.push(`${task} ${standing}`)
  expect(seen).toEqual(['acme__shop-4@1 fault', 'acme__shop-5@1 holds'])
  expect(await stalestTasks(db, 'root', 1)).toEqual(['acme__shop-4@1'])
  expect(await stalestTasks(db, 'another', 1)).toEqual([])
  expect(await listed(stale)).toBe(true)
  for await (const _ of revalidate({ ...options, seconds: 0 })) throw new Error('no time is left for any')
})
