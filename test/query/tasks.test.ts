import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TaskQueryInput } from '../../src/query/filter.ts'
import { findTask } from '../../src/query/tasks.ts'
import { addRepository, addTask, endTask } from '../filled-database.ts'
import { testDatabase } from '../postgres.ts'
import { foundTasks, lastSequence } from './found.ts'

let database: Awaited<ReturnType<typeof testDatabase>>

beforeAll(async () => {
  database = await testDatabase()
  const [shop, tool] = [await addRepository(database.db), await addRepository(database.db, 'Acme/tool')]
  await addTask(database.db, shop, 1)
  await addTask(database.db, shop, 2, {
    language: 'typescript',
    frameworks: ['jest', 'mocha'],
    flags: ['missing-before'],
  })
  await addTask(database.db, tool, 3, { mergedAt: new Date('2025-01-01T00:00:00Z') })
})
afterAll(() => database?.close())

const names = async (filter: TaskQueryInput) =>
  (await foundTasks(database.db, filter)).map(({ name, revision }) => `${name}@${revision}`)
const first = 'acme__shop-1@1'
const second = 'acme__shop-2@1'
const third = 'Acme__tool-3@1'

describe('tasks are found', () => {
  test.each<[string, TaskQueryInput, string[]]>([
    ['all, in the order of publication', {}, [first, second, third]],
    ['by repository', { repository: 'acme/shop' }, [first, second]],
    ['by owner, in whatever case', { owner: 'ACME' }, [first, second, third]],
    ['by an owner whose name is no pattern', { owner: 'acm_' }, []],
    ['by owners, any of them', { owner: ['nobody', 'acme'] }, [first, second, third]],
    ['by language', { language: 'typescript' }, [second]],
    ['by framework', { framework: 'jest' }, [second]],
    ['by ecosystem and miner', { ecosystem: 'node', miner: 'linked-pull' }, [first, second, third]],
    ['merged before', { merged_before: new Date('2025-01-01T00:00:00Z') }, [first, second]],
    ['merged after, that moment included', { merged_after: new Date('2025-01-01T00:00:00Z') }, [third]],
    ['with a flag', { flag: ['missing-before'] }, [second]],
    ['without one', { without_flag: ['missing-before'] }, [first, third]],
    ['by all of it together', { repository: 'acme/shop', without_flag: ['missing-before'] }, [first]],
    ['as of a sequence', { as_of: 2 }, [first, second]],
    ['as of the beginning: none', { as_of: 0 }, []],
  ])('%s', async (_, filter, expected) => {
    expect(await names(filter)).toEqual(expected)
  })
})

test('a set as of a sequence stays what it is for ever', async () => {
  const { db } = database
  const shop = (await foundTasks(db, { repository: 'acme/shop' }))[0]
  if (shop === undefined) throw new Error('no task')
  const then = await lastSequence(db)
  const set = await names({ as_of: then })

  await addTask(db, shop.repositoryId, 1)
  await addTask(db, shop.repositoryId, 9)
  const ended = await endTask(db, (await foundTasks(db, { language: 'typescript' }))[0]?.id ?? 0, 'quarantined')

  expect(await names({ as_of: then })).toEqual(set)
  expect(await names({ as_of: ended - 1 })).toEqual([second, third, 'acme__shop-1@2', 'acme__shop-9@1'])
  expect(await names({})).toEqual([third, 'acme__shop-1@2', 'acme__shop-9@1'])
  expect(await names({ as_of: ended })).toEqual(await names({}))

  const since = await foundTasks(db, { ended_since: then })
  expect(since).toMatchObject([{ name: 'acme__shop-2', state: 'quarantined', ended: { sequence: ended } }])
  expect(await names({ ended_since: ended })).toEqual([])
  expect(await foundTasks(db, { repository: 'Acme/tool' })).toMatchObject([{ ended: null }])
})

test('a task is found by its name in its newest revision, or by a revision', async () => {
  const newest = await findTask(database.db, 'acme__shop-1', { owners: null })
  expect(newest).toMatchObject({ revision: 2, passToPass: ['test/a.js > holds', 'test/a.js > stays'] })
  expect(await findTask(database.db, 'acme__shop-1@1', { owners: null })).toMatchObject({ revision: 1 })
  expect(await findTask(database.db, 'acme__shop-1@7', { owners: null })).toBeNull()
  expect(await findTask(database.db, "acme__shop-1' or true --", { owners: null })).toBeNull()
})
