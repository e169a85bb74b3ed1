import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { Fault } from '../../src/errors.ts'
import { openMirror } from '../../src/git/index.ts'
import type { HeldPlace } from '../../src/pipeline/environments.ts'
import { makeWarmTasks, type WarmTasks } from '../../src/pipeline/warm-tasks.ts'
import { type FullTask, taskWithId } from '../../src/query/tasks.ts'
import { addRepository, addTask } from '../filled-database.ts'
import { testDatabase } from '../postgres.ts'

let database: Awaited<ReturnType<typeof testDatabase>>
const ids: number[] = []
let warm: WarmTasks
/** What was done, in order. */
let done: string[] = []

let holding: () => Promise<HeldPlace>
const noEnvironment = () => expect.fail('nothing is run here')
const hold = async (): Promise<HeldPlace> => {
  done.push('hold')
  return { environment: noEnvironment, release: async () => void done.push('let go') }
}

beforeAll(async () => {
  database = await testDatabase()
  const repository = await addRepository(database.db)
  for (let number = 1; number <= 7; number += 1) ids.push(await addTask(database.db, repository, number))
})
afterAll(() => database.close())
beforeEach(() => {
  done = []
  holding = hold
  warm = makeWarmTasks({
    find: (id) => taskWithId(database.db, id),
    open: async () => {
      done.push('open')
      return openMirror('/nonexistent')
    },
    hold: () => holding(),
  })
})

const taskAt = async (at: number): Promise<FullTask> => {
  const task = await taskWithId(database.db, ids[at] ?? 0)
  if (task === null) throw new Error('no task')
  return task
}
const use = async (at: number) => warm.use(await taskAt(at), async () => done.push('use'))

test('a task is made ready once for all grades that follow one another or go side by side', async () => {
  await Promise.all([use(0), use(0)])
  await use(0)
  expect(done.filter((each) => each !== 'use')).toEqual(['open', 'hold'])
  expect(warm.ids()).toEqual([ids[0]])
  await warm.close()
  expect(done.filter((each) => each === 'let go')).toHaveLength(1)
})

test('a few are kept, the least recently used goes first', async () => {
  for (const at of [0, 1, 2, 3, 0, 4]) await use(at)
  expect(warm.ids()).toEqual([2, 3, 0, 4].map((at) => ids[at]))
  await warm.close()
})

test('what is in use stays until it is not, whatever is forgotten meanwhile', async () => {
  await warm.use(await taskAt(0), async () => {
    await warm.forget()
    expect(done).not.toContain('let go')
    expect(warm.ids()).toEqual([])
  })
  expect(done.filter((each) => each === 'let go')).toHaveLength(1)
  await warm.close()
})

test('what failed is made anew the next time', async () => {
  holding = () => Promise.reject(new Fault('layer', 'torn'))
  await expect(use(0)).rejects.toThrow('torn')
  holding = hold
  await use(0)
  expect(done).toEqual(['open', 'open', 'hold', 'use'])
  await warm.close()
})
