import { randomUUID } from 'node:crypto'
import { describe, expect, onTestFinished, test } from 'vitest'
import { machineCores } from '../../src/test-runs/core-claims.ts'
import { makeCoreBudget } from '../../src/test-runs/cores.ts'
import { watchedLog } from '../log-lines.ts'
import { node, startProgram } from '../program.ts'
import { ownCores } from './own-cores.ts'

/** A run that ends when it is told to. */
function held() {
  let end: () => void = () => undefined
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  return { ended, end: () => end() }
}

test('no two runs share a core, and a waiting run starts when one is free', async () => {
  const budget = makeCoreBudget([0, 1], ownCores())
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
  const budget = makeCoreBudget([0], ownCores())
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
  const budget = makeCoreBudget([0, 1], ownCores())
  await expect(budget.use(2, 0, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await budget.use(8, 0, async (cores) => cores)).toEqual([0, 1])
})

test('one that wants all cores gets them, however many that want one come after it', async () => {
  const budget = makeCoreBudget([0, 1], ownCores())
  const order: string[] = []
  await Promise.all([
    budget.use(1, 0, async () => void order.push('first')),
    budget.use(2, 0, async () => void order.push('both')),
    ...Array.from({ length: 3 }, () => budget.use(1, 0, async () => void order.push('later'))),
  ])
  expect(order).toEqual(['first', 'both', 'later', 'later', 'later'])
})

describe('processes of one machine', () => {
  const programs = new URL('programs/', import.meta.url)
  const start = (name: string) => {
    const program = startProgram(node(new URL('hold-core.ts', programs), name))
    onTestFinished(() => program.kill())
    return program
  }

  test('share no core, and a killed one leaves its own to the next', async () => {
    const name = randomUUID()
    const [one, other] = [start(name), start(name)]
    expect([await one.heard('held'), await other.heard('held')].sort()).toEqual(['0', '1'])
    const budget = makeCoreBudget([0, 1], machineCores({ log: watchedLog().log, name }))
    const waiting = budget.use(2, 0, async (cores) => cores)
    await other.kill()
    expect(await Promise.race([waiting, new Promise((resolve) => setTimeout(resolve, 200))])).toBe(undefined)
    expect(await one.finish()).toBe(0)
    expect(await waiting).toEqual([0, 1])
  })

  test('take turns, though one has many runs that wait', async () => {
    const name = randomUUID()
    const budgets = ['a', 'b', 'c'].map((of) => ({
      of,
      budget: makeCoreBudget([0], machineCores({ log: watchedLog().log, name })),
    }))
    const order: string[] = []
    const run = async (of: string) => {
      order.push(of)
      await new Promise((resolve) => setTimeout(resolve, 30))
    }
    await Promise.all(
      budgets.flatMap(({ of, budget }) =>
        Array.from({ length: of === 'a' ? 12 : 3 }, () => budget.use(1, 0, () => run(of))),
      ),
    )
    expect(order).toHaveLength(18)
    // Whoever has few is through while the one with many is not.
    expect(order.slice(0, 14).filter((of) => of !== 'a')).toHaveLength(6)
  })

  test('wait no longer than any run takes for one that does not go on, and say so', async () => {
    const name = randomUUID()
    const stopped = start(name)
    const core = Number(await stopped.heard('held'))
    process.kill(stopped.pid, 'SIGSTOP')
    const { log, lines } = watchedLog()
    const budget = makeCoreBudget([core], machineCores({ log, name, patienceMs: 300 }))
    expect(await budget.use(1, 0, async (cores) => cores)).toEqual([core])
    expect(lines().map(({ msg }) => msg)).toContain('waited too long for cores: shares them')
  })
})
