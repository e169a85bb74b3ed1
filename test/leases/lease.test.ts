import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { localCaller } from '../../src/access/index.ts'
import { completeLease, releaseLease, renewLease } from '../../src/leases/index.ts'
import { walkSizes } from '../../src/leases/walking.ts'
import { addRepository, addTask, endTask } from '../filled-database.ts'
import { testDatabase } from '../postgres.ts'
import { addTasks, leased, letPass, namesOf } from './scene.ts'

let database: Awaited<ReturnType<typeof testDatabase>>
beforeEach(async () => {
  database = await testDatabase()
})
afterEach(() => database.close())

const everything = 1000

describe('a consumer', () => {
  test('is never given the same task twice, and in the end none', async () => {
    await addTasks(database.db, 'acme/shop', 25)
    const given = [
      await leased(database.db, { count: 10 }),
      await leased(database.db, { count: 10 }),
      await leased(database.db, { count: 10 }),
    ]
    expect(given.map(({ tasks }) => tasks.length)).toEqual([10, 10, 5])
    expect(new Set(given.flatMap(namesOf)).size).toBe(25)
    expect(await leased(database.db)).toMatchObject({ tasks: [], state: 'ended' })
  })

  test('does not keep others from their share', async () => {
    await addTasks(database.db, 'acme/shop', 5)
    expect(namesOf(await leased(database.db, { count: 5 })).sort()).toEqual(
      namesOf(await leased(database.db, { count: 5, consumer: 'other' })).sort(),
    )
  })

  test('is given what is published later', async () => {
    await addTasks(database.db, 'acme/shop', 5)
    await leased(database.db, { count: everything })
    await addTasks(database.db, 'acme/shop', 2, 6)
    await addTasks(database.db, 'acme/tool', 1)
    expect(namesOf(await leased(database.db, { count: everything })).sort()).toEqual([
      'acme__shop-6',
      'acme__shop-7',
      'acme__tool-1',
    ])
  })

  test.each([
    ['a new walk', { ...walkSizes, few: 0 }],
    ['one that goes on from another', { ...walkSizes, few: 0, worthTakingOver: 2 }],
  ])('is given what a repository publishes that had nothing of the kind before, by %s', async (_, sizes) => {
    const { db } = database
    const [shop, tool] = [await addRepository(db), await addRepository(db, 'acme/tool')]
    for (const language of ['javascript', 'typescript']) await addTask(db, tool, 1, { language })
    await addTask(db, shop, 1, { language: 'javascript' })
    const filters = [{}, { language: ['typescript'] }]
    const all = async () => {
      const given: string[] = []
      for (const filter of filters) given.push(...namesOf(await leased(db, { count: everything, filter }, { sizes })))
      return given.sort()
    }
    expect(await all()).toEqual(['acme__shop-1', 'acme__tool-1'])
    await addTask(db, shop, 2, { language: 'typescript' })
    filters.reverse()
    expect(await all()).toEqual(['acme__shop-2'])
  })

  test('is not given a newer revision of what it has, and of the rest only the newest', async () => {
    const { db } = database
    const shop = await addRepository(db)
    await addTask(db, shop, 1)
    await leased(db)
    await addTask(db, shop, 1)
    await addTask(db, shop, 2)
    await addTask(db, shop, 2)
    const { tasks } = await leased(db, { count: everything })
    expect(tasks.map(({ task }) => `${task.name}@${task.revision}`)).toEqual(['acme__shop-2@2'])
  })

  test('is given the newer revision of a task that it gave back', async () => {
    const { db } = database
    const shop = await addRepository(db)
    await addTask(db, shop, 1)
    const { id } = await leased(db)
    await addTask(db, shop, 1)
    expect(namesOf(await leased(db))).toEqual([])
    await releaseLease(db, localCaller, id)
    const { tasks } = await leased(db)
    expect(tasks.map(({ task }) => `${task.name}@${task.revision}`)).toEqual(['acme__shop-1@2'])
  })

  test('is not given what is quarantined, before it is published again', async () => {
    const { db } = database
    const shop = await addRepository(db)
    const task = await addTask(db, shop, 1)
    await addTask(db, shop, 2)
    await endTask(db, task, 'quarantined')
    expect(namesOf(await leased(db, { count: everything }))).toEqual(['acme__shop-2'])
  })
})

describe('a task comes back', () => {
  test('when it is released, all of a lease or some', async () => {
    const { db } = database
    await addTasks(db, 'acme/shop', 4)
    const { id } = await leased(db, { count: 4 })
    await releaseLease(db, localCaller, id, ['acme__shop-2', 'acme__shop-3@1'])
    expect(namesOf(await leased(db, { count: everything })).sort()).toEqual(['acme__shop-2', 'acme__shop-3'])
    await releaseLease(db, localCaller, id)
    expect(namesOf(await leased(db, { count: everything })).sort()).toEqual(['acme__shop-1', 'acme__shop-4'])
  })

  test('when the time of its lease is over, at once and to every filter', async () => {
    const { db } = database
    await addTasks(db, 'acme/shop', 3)
    await leased(db, { count: everything, filter: { repository: ['acme/shop'] } })
    const { id } = await leased(db, { count: everything, consumer: 'other' })
    await letPass(db, id, 3601)
    expect(namesOf(await leased(db, { count: everything }))).toEqual([])
    expect(
      namesOf(await leased(db, { count: everything, consumer: 'other', filter: { language: ['javascript'] } })).length,
    ).toBe(3)
  })

  test('but not once it is completed', async () => {
    const { db } = database
    await addTasks(db, 'acme/shop', 3)
    const { id } = await leased(db, { count: 3 })
    await completeLease(db, localCaller, id, ['acme__shop-1'])
    await letPass(db, id, 3601)
    expect(namesOf(await leased(db, { count: everything })).sort()).toEqual(['acme__shop-2', 'acme__shop-3'])
  })

  test('and a renewed lease keeps it', async () => {
    const { db } = database
    await addTasks(db, 'acme/shop', 1)
    const { id } = await leased(db, { ttlSeconds: 60 })
    await renewLease(db, localCaller, id, 600)
    await letPass(db, id, 500)
    expect(namesOf(await leased(db))).toEqual([])
    await letPass(db, id, 101)
    expect(await renewLease(db, localCaller, id)).toMatchObject({ refused: 'expired' })
    expect(namesOf(await leased(db))).toEqual(['acme__shop-1'])
  })
})

test('repositories take turns, however large one of them is', async () => {
  const { db } = database
  await addTasks(db, 'acme/huge', 3000)
  for (let n = 1; n <= 9; n += 1) await addTasks(db, `small/repo${n}`, 5)
  const first = await leased(db, { count: 30 })
  const counts = Map.groupBy(first.tasks, ({ task }) => task.repository)
  expect([...counts.values()].map((tasks) => tasks.length)).toEqual(Array(10).fill(3))
  await addTasks(db, 'late/comer', 100)
  const second = await leased(db, { count: 300 })
  const late = second.tasks.filter(({ task }) => task.repository === 'late/comer')
  expect(late.length).toBeGreaterThan(50)
})

test('a hundred callers at once: none twice, none left', async () => {
  const { db } = database
  for (let n = 1; n <= 40; n += 1) await addTasks(db, `acme/repo${n}`, 160)
  const leases = await Promise.all(Array.from({ length: 100 }, () => leased(db, { count: 64 })))
  expect(leases.map(({ tasks }) => tasks.length)).toEqual(Array(100).fill(64))
  expect(new Set(leases.flatMap(namesOf)).size).toBe(6400)
  expect(namesOf(await leased(db))).toEqual([])
})
