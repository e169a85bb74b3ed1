import { expect, test } from 'vitest'
import { makeCoreBudget } from '../../src/test-runs/cores.ts'

/** A run that ends when it is told to. */
function held() {
  let end: () => void = () => undefined
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  return { ended, end: () => end() }
}

test('no two runs share a core, and a waiting run starts when one is free', async () => {
  const budget = makeCoreBudget([0, 1])
  const inUse = new Set<number>()
  let most = 0
  const work = async (cores: readonly number[]) => {
    for (const core of cores) {
      expect(inUse.has(core)).toBe(false)
      inUse.add(core)
    }
    most = Math.max(most, inUse.size)
    await new Promise(setImmediate)
    for (const core of cores) inUse.delete(core)
  }
  await Promise.all(Array.from({ length: 20 }, () => budget.use(1, 0, work)))
  expect(most).toBe(2)
})

test('a grade goes before mining that waits', async () => {
  const budget = makeCoreBudget([0])
  const first = held()
  const order: string[] = []
  const runs = [
    budget.use(1, 0, () => first.ended),
    budget.use(1, 0, async () => void order.push('mining')),
    budget.use(1, 100, async () => void order.push('grade')),
  ]
  first.end()
  await Promise.all(runs)
  expect(order).toEqual(['grade', 'mining'])
})

test('a run that fails gives its cores back, and one that asks for too many gets all', async () => {
  const budget = makeCoreBudget([0, 1])
  await expect(budget.use(2, 0, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await budget.use(8, 0, async (cores) => cores)).toEqual([0, 1])
})
