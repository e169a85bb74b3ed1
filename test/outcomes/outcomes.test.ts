import { createHash } from 'node:crypto'
import { eq, sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Caller, createToken, localCaller } from '../../src/access/index.ts'
import { gradeRequests, grades, outcomes, solveRates, tokens } from '../../src/db/schema.ts'
import { erasePull } from '../../src/erasure/erase.ts'
import { completeLease, showLease } from '../../src/leases/index.ts'
import { type Outcome, renewSignals, solveRatesOf, storeOutcomes, suspects } from '../../src/outcomes/index.ts'
import { addRepository, addTask } from '../filled-database.ts'
import { leased, namesOf } from '../leases/scene.ts'
import { testDatabase } from '../postgres.ts'

let database: Awaited<ReturnType<typeof testDatabase>>
let shop: number
let caller: Caller
beforeAll(async () => {
  database = await testDatabase()
  shop = await addRepository(database.db)
  await createToken(database.db, { name: 'trainer', scopes: ['outcomes:write'], owners: null, expiresAt: null })
  const [token] = await database.db.select().from(tokens)
  caller = { ...localCaller, tokenId: token?.id ?? 0 }
})
afterAll(() => database.close())

const outcome = (task: string, solved: boolean, more: Partial<Outcome> = {}): Outcome => ({
  ...{ task, solved, consumer: 'fresh', model: 'small', reward: null, tokens: null, grade: null, ...more },
})
let pulls = 0
/** A task of its own for a test. */
async function newTask(): Promise<{ readonly id: number; readonly name: string; readonly pull: number }> {
  pulls += 1
  return { id: await addTask(database.db, shop, pulls), name: `acme__shop-${pulls}`, pull: pulls }
}

describe('solve rates', () => {
  test('count every attempt, by model and for all of them together', async () => {
    const { name } = await newTask()
    const told = [
      outcome(name, true),
      outcome(`${name}@1`, false),
      outcome(name, true, { model: 'large', reward: 1, tokens: 12 }),
    ]
    expect(await storeOutcomes(database.db, caller, told)).toEqual({ stored: 3 })
    expect(await solveRatesOf(database.db, caller, name)).toMatchObject({
      overall: { attempts: 3, solved: 2, rate: 2 / 3, signal: null },
      models: [
        { model: 'large', attempts: 1, solved: 1, rate: 1 },
        { model: 'small', attempts: 2, solved: 1, rate: 0.5 },
      ],
    })
  })

  test('of a task that nobody tried are nothing, and of none there are none', async () => {
    const { name } = await newTask()
    expect(await solveRatesOf(database.db, caller, name)).toMatchObject({
      overall: { attempts: 0, solved: 0, rate: null, signal: null },
      models: [],
    })
    expect(await solveRatesOf(database.db, caller, 'acme__shop-9999')).toBeNull()
    expect(await solveRatesOf(database.db, { owners: ['other'] }, name)).toBeNull()
  })

  test('say what is always or never solved after enough attempts, and no more once that changes', async () => {
    const { name } = await newTask()
    const signal = async () => (await solveRatesOf(database.db, caller, name))?.overall.signal
    const tell = (solved: boolean, times: number) =>
      storeOutcomes(
        database.db,
        caller,
        Array.from({ length: times }, () => outcome(name, solved)),
      )
    await tell(false, 7)
    expect(await signal()).toBeNull()
    await tell(false, 1)
    expect(await signal()).toBe('never-solved')
    await tell(true, 1)
    expect(await signal()).toBeNull()
    const { name: easy } = await newTask()
    await storeOutcomes(database.db, caller, [outcome(easy, true), outcome(easy, true)], { signalAttempts: 2 })
    expect((await solveRatesOf(database.db, caller, easy))?.overall.signal).toBe('always-solved')
    await renewSignals(database.db, 3)
    expect((await solveRatesOf(database.db, caller, easy))?.overall.signal).toBeNull()
  })

  test('are right after batches that meet, whatever their order', async () => {
    const made = [await newTask(), await newTask(), await newTask(), await newTask()]
    const names = made.map(({ name }) => name)
    const batch = (turn: number) =>
      Array.from({ length: 200 }, (_, at) =>
        outcome(names[(at * (turn % 2 === 0 ? 1 : 3) + turn) % 4] ?? '', at % 2 === 0, {
          model: `m${(at + turn) % 5}`,
        }),
      )
    await Promise.all(Array.from({ length: 24 }, (_, turn) => storeOutcomes(database.db, caller, batch(turn))))
    for (const { id } of made) {
      const told = await database.db.select().from(outcomes).where(eq(outcomes.taskId, id))
      const kept = await database.db.select().from(solveRates).where(eq(solveRates.taskId, id))
      expect(kept.find(({ model }) => model === '')).toMatchObject({
        attempts: told.length,
        solved: told.filter(({ solved }) => solved).length,
      })
      expect(kept.filter(({ model }) => model !== '').reduce((sum, { attempts }) => sum + attempts, 0)).toBe(
        told.length,
      )
    }
  })

  test('decide what a lease is given: a task that comes to match is there at once', async () => {
    const { name } = await newTask()
    const filter = { solve_rate_min: 0.4, solve_rate_max: 0.6, repository: ['acme/shop'] }
    const asked = { consumer: 'by-rate', count: 1000, filter }
    expect(namesOf(await leased(database.db, asked))).not.toContain(name)
    await storeOutcomes(database.db, caller, [outcome(name, true), outcome(name, false)])
    expect(namesOf(await leased(database.db, asked))).toEqual([name])
    expect(namesOf(await leased(database.db, asked))).toEqual([])
  })
})

describe('outcomes are refused as a whole', () => {
  test('where one is of no task, with its place', async () => {
    const { name } = await newTask()
    const told = [outcome(name, true), outcome('acme__shop-9999', true), outcome(`${name}@7`, true)]
    expect(await storeOutcomes(database.db, caller, told)).toEqual({
      refused: 'wrong',
      problems: [
        { place: 1, field: 'task', why: 'unknown' },
        { place: 2, field: 'task', why: 'unknown' },
      ],
    })
    expect((await solveRatesOf(database.db, caller, name))?.overall.attempts).toBe(0)
    expect(await storeOutcomes(database.db, { ...caller, owners: ['other'] }, [outcome(name, true)])).toMatchObject({
      refused: 'wrong',
    })
  })

  test('where a task was erased: its consumer still learns of the end, and what was told before stays', async () => {
    const { name, pull } = await newTask()
    await storeOutcomes(database.db, caller, [outcome(name, true)])
    const lease = await leased(database.db, { consumer: 'holder', count: 1000 })
    await erasePull(database.db, shop, pull, 'forgotten')
    expect(await storeOutcomes(database.db, caller, [outcome(name, true)])).toMatchObject({
      problems: [{ why: 'erased' }],
    })
    expect((await solveRatesOf(database.db, caller, name))?.overall.attempts).toBe(1)
    const shown = await showLease(database.db, localCaller, lease.id)
    expect(shown?.tasks.find(({ task }) => task.name === name)).toMatchObject({
      state: 'leased',
      task: { state: 'retired', ended: { reason: 'forgotten' }, title: '' },
    })
    expect(await completeLease(database.db, localCaller, lease.id, [name])).toHaveProperty('lease')
    expect(namesOf(await leased(database.db, { consumer: 'newcomer', count: 1000 }))).not.toContain(name)
  })
})

describe('with a key', () => {
  test('the same outcomes are stored once, even at the same time', async () => {
    const { name } = await newTask()
    const told = [outcome(name, true), outcome(name, false)]
    const all = await Promise.all(
      Array.from({ length: 5 }, () => storeOutcomes(database.db, caller, told, { key: 'same' })),
    )
    expect(all).toEqual(Array(5).fill({ stored: 2 }))
    expect((await solveRatesOf(database.db, caller, name))?.overall.attempts).toBe(2)
    expect(await storeOutcomes(database.db, caller, [outcome(name, true)], { key: 'same' })).toEqual({
      refused: 'key-used',
    })
  })

  test('what was refused may be sent again, mended', async () => {
    const { name } = await newTask()
    const send = (task: string) => storeOutcomes(database.db, caller, [outcome(task, true)], { key: 'mended' })
    expect(await send('acme__shop-9999')).toMatchObject({ refused: 'wrong' })
    expect(await send(name)).toEqual({ stored: 1 })
  })
})

interface Graded {
  readonly patch: string
  readonly verdict: 'resolved' | 'unresolved' | 'fault' | null
  readonly failed?: readonly [readonly string[], readonly string[]]
}

async function addGrade(taskId: number, { patch, verdict, failed = [[], []] }: Graded): Promise<string> {
  const [grade] = await database.db
    .insert(grades)
    .values({
      taskId,
      contentHash: 'sha256:x',
      patchDigest: createHash('sha256').update(patch).digest('hex'),
      patch: Buffer.from(patch),
      root: 'root',
      state: verdict === null ? 'queued' : 'done',
      verdict,
      result: {
        failToPass: { passed: [], failed: failed[0] },
        passToPass: { passed: 2, failed: failed[1] },
        ...{ run: null, detail: null },
      },
    })
    .returning()
  const [request] = await database.db
    .insert(gradeRequests)
    .values({ gradeId: grade?.id ?? '', tokenId: caller.tokenId ?? 0, realm: '*', position: 0 })
    .returning()
  return request?.id ?? ''
}

test('an outcome has to be that of its grade', async () => {
  const [task, other] = [await newTask(), await newTask()]
  const solved = await addGrade(task.id, { patch: 'fix', verdict: 'resolved' })
  const tell = (more: Partial<Outcome>) => storeOutcomes(database.db, caller, [outcome(task.name, true, more)])
  expect(await tell({ grade: solved })).toEqual({ stored: 1 })
  const refused = (field: string, why: string) => ({ refused: 'wrong', problems: [{ place: 0, field, why }] })
  expect(await tell({ grade: solved, solved: false })).toEqual(refused('solved', 'contradicted'))
  expect(await tell({ grade: solved, task: other.name })).toEqual(refused('grade', 'of-another-task'))
  expect(await tell({ grade: '0b9e1c1a-5d0e-4a51-9b2f-0e4f2a6c7d11' })).toEqual(refused('grade', 'unknown'))
  expect(await tell({ grade: await addGrade(task.id, { patch: 'a', verdict: 'fault' }) })).toEqual(
    refused('grade', 'fault'),
  )
  expect(await tell({ grade: await addGrade(task.id, { patch: 'b', verdict: null }) })).toEqual(
    refused('grade', 'not-done'),
  )
})

test('many different patches that fail one test alone make it suspect', async () => {
  const { id, name } = await newTask()
  const asked = { minPatches: 5, repository: null, limit: 100, after: null }
  const fail = (patch: string, test: string) => addGrade(id, { patch, verdict: 'unresolved', failed: [[test], []] })
  for (const patch of ['one', 'two', 'three', 'four']) await fail(patch, 'asks too much')
  await fail('four', 'asks too much')
  await fail('', 'asks too much')
  await fail('six', 'another')
  await addGrade(id, { patch: 'seven', verdict: 'unresolved', failed: [['asks too much'], ['and more']] })
  await addGrade(id, { patch: 'eight', verdict: 'fault', failed: [['asks too much'], []] })
  expect(await suspects(database.db, caller, asked)).toEqual([])
  const fifth = await fail('five', 'asks too much')
  await addGrade(id, { patch: 'good', verdict: 'resolved' })
  await storeOutcomes(database.db, caller, [outcome(name, false, { grade: fifth, model: 'large' })])
  const [found, ...others] = await suspects(database.db, caller, { ...asked, repository: 'ACME/shop' })
  expect(others).toEqual([])
  expect(found).toMatchObject({
    task: name,
    test: 'asks too much',
    list: 'fail_to_pass',
    patches: 5,
    resolved: 1,
    models: ['large'],
  })
  expect(found?.grades).toContain(fifth)
  expect(await suspects(database.db, { owners: ['other'] }, asked)).toEqual([])
  expect(await suspects(database.db, { owners: ['acme'] }, asked)).toHaveLength(1)
  expect(await suspects(database.db, caller, { ...asked, after: found?.position ?? null })).toEqual([])
  await database.db.execute(sql`update tasks set state = 'quarantined' where id = ${id}`)
  expect(await suspects(database.db, caller, asked)).toEqual([])
})
