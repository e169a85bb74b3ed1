/**
 * The machine's cores, given out one set a run: no two runs share a core, so that a test's own time limit means the
 * same whether its run was alone on the machine or not. Waiting runs are served by priority, then in order.
 */
export interface CoreBudget {
  readonly total: number
  use<T>(count: number, priority: number, work: (cores: readonly number[]) => Promise<T>): Promise<T>
}

interface Waiting {
  readonly count: number
  readonly priority: number
  readonly start: (cores: readonly number[]) => void
}

export function makeCoreBudget(cores: readonly number[]): CoreBudget {
  const free = [...cores]
  const waiting: Waiting[] = []

  const admit = () => {
    for (;;) {
      const next = waiting[0]
      if (next === undefined || next.count > free.length) return
      waiting.shift()
      next.start(free.splice(0, next.count))
    }
  }
  const take = (count: number, priority: number) =>
    new Promise<readonly number[]>((start) => {
      const at = waiting.findIndex((other) => other.priority < priority)
      waiting.splice(at === -1 ? waiting.length : at, 0, { count, priority, start })
      admit()
    })

  return {
    total: cores.length,
    async use(count, priority, work) {
      const taken = await take(Math.max(1, Math.min(count, cores.length)), priority)
      try {
        return await work(taken)
      } finally {
        free.push(...taken)
        free.sort((a, b) => a - b)
        admit()
      }
    },
  }
}
