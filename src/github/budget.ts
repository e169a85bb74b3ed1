import { setTimeout as delay } from 'node:timers/promises'
import type { GitHubClient } from './types.ts'

/** What GitHub last said of an hourly budget. */
export interface Left {
  readonly limit: number
  readonly remaining: number
  /** Milliseconds since the epoch, as the next. */
  readonly resetsAt: number
  readonly toldAt: number
}

export type Resource = 'core' | 'graphql'

/** One installation's budgets, by GitHub's own names (`core`, `graphql`), as its answers tell them. */
export interface Budget {
  note(headers: Readonly<Record<string, unknown>>): void
  left(): ReadonlyMap<string, Left>
  /** Milliseconds until a backfill may ask again; 0: now. */
  pause(resource: Resource): number
  /** Nobody may ask for so many milliseconds, in one budget or in all (null). */
  hold(resource: Resource | null, milliseconds: number): void
  /** Milliseconds until anybody may ask again; 0: now. */
  held(resource: Resource): number
  /** Waits because of a limit, and says so. */
  wait(resource: Resource, milliseconds: number, signal?: AbortSignal): Promise<void>
}

export interface BudgetOptions {
  readonly now?: () => number
  /** Told of each wait, before it. */
  readonly waiting?: (resource: Resource, seconds: number) => void
}

/** This share of an hour's requests is left to live events. */
const reserve = 0.2

export function makeBudget({ now = Date.now, waiting = () => undefined }: BudgetOptions = {}): Budget {
  const known = new Map<string, Left>()
  const heldUntil = { core: 0, graphql: 0 }
  return {
    note(headers) {
      const [limit, remaining, reset] = ['limit', 'remaining', 'reset'].map((name) =>
        Number(headers[`x-ratelimit-${name}`]),
      )
      if (limit === undefined || remaining === undefined || reset === undefined) return
      if (![limit, remaining, reset].every(Number.isFinite)) return
      known.set(String(headers['x-ratelimit-resource'] ?? 'core'), {
        ...{ limit, remaining, resetsAt: reset * 1000 },
        toldAt: now(),
      })
    },
    left: () => known,
    pause(resource) {
      const left = known.get(resource)
      if (left === undefined || left.remaining > left.limit * reserve) return 0
      return Math.max(0, left.resetsAt - now())
    },
    hold(resource, milliseconds) {
      for (const each of resource === null ? (['core', 'graphql'] as const) : [resource])
        heldUntil[each] = Math.max(heldUntil[each], now() + milliseconds)
    },
    held(resource) {
      const left = known.get(resource)
      // A second more: GitHub's clock is not ours.
      const spentUntil = left?.remaining === 0 ? left.resetsAt + 1000 : 0
      return Math.max(
        0,
        heldUntil[resource] - now(),
        left !== undefined && left.resetsAt > now() ? spentUntil - now() : 0,
      )
    },
    async wait(resource, milliseconds, signal) {
      waiting(resource, Math.ceil(milliseconds / 1000))
      await delay(milliseconds, undefined, signal === undefined ? {} : { signal })
    },
  }
}

/** The client of a backfill: waits for the next hour rather than take what live events may need. */
export function withReserve(client: GitHubClient, budget: Budget, signal?: AbortSignal): GitHubClient {
  const room = async (resource: Resource) => {
    // A second more: GitHub's clock is not ours.
    for (let pause = budget.pause(resource); pause > 0; pause = budget.pause(resource))
      await budget.wait(resource, pause + 1000, signal)
  }
  return {
    graphql: async (query, variables) => {
      await room('graphql')
      return client.graphql(query, variables)
    },
    request: async (route, parameters) => {
      await room('core')
      return client.request(route, parameters)
    },
  }
}
