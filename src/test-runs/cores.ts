import type { CoreClaim, CoreClaims } from './core-claims.ts'

/**
 * The machine's cores, given out one set a run: no two runs share a core, of whatever Quarry process they are, so that a test's
 * own time limit means the same whether its run was alone on the machine or not. Waiting runs of this process are served by
 * priority, then in order; processes take turns.
 */
export interface CoreBudget {
  readonly total: number
  use<T>(count: number, priority: number, work: (cores: readonly number[]) => Promise<T>): Promise<T>
}

interface Waiting {
  readonly count: number
  readonly priority: number
  readonly start: (claim: CoreClaim) => void
  readonly fail: (cause: unknown) => void
}

export function makeCoreBudget(cores: readonly number[], claims: CoreClaims): CoreBudget {
  const waiting: Waiting[] = []
  let isServing = false

  const serve = async () => {
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      try {
        const claim = await claims.claim(cores, () => waiting[0]?.count ?? 0)
        // Another may have become the first meanwhile, and want more or fewer.
        if (waiting[0]?.count === claim.cores.length) waiting.shift()?.start(claim)
        else await claim.release()
      } catch (cause) {
        waiting.shift()?.fail(cause)
      }
    }
    isServing = false
  }
  const take = (count: number, priority: number) =>
    new Promise<CoreClaim>((start, fail) => {
      const at = waiting.findIndex((other) => other.priority < priority)
      waiting.splice(at === -1 ? waiting.length : at, 0, { count, priority, start, fail })
      if (isServing) return
      isServing = true
      void serve()
    })

  return {
    total: cores.length,
    async use(count, priority, work) {
      const claim = await take(Math.max(1, Math.min(count, cores.length)), priority)
      try {
        return await work(claim.cores)
      } finally {
        await claim.release()
      }
    },
  }
}
