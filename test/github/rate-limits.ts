import type { Caller } from './types.ts'

export type Resource = 'core' | 'graphql'

export interface Budget {
  limit: number
  used: number
  /** Milliseconds since the epoch. */
  resetAt: number
}

export interface RateLimits {
  of(caller: Caller, resource: Resource): Budget
  /** For everybody, in both resources or in the one named; those who come later, too, until the reset. */
  set(change: { remaining: number; resetAt?: Date; resource?: Resource }): void
}

const hour = 3_600_000

/** GitHub's primary limits: so many requests or points an hour for each installation, user or address. */
export function makeRateLimits(): RateLimits {
  const budgets = new Map<string, Budget>()
  const changes = new Map<Resource, { remaining: number; resetAt: number }>()
  const fresh = (caller: Caller, resource: Resource): Budget => {
    const limit = caller.kind === 'anonymous' ? 60 : 5_000
    const change = changes.get(resource)
    if (change === undefined || change.resetAt <= Date.now()) return { limit, used: 0, resetAt: Date.now() + hour }
    return { limit, used: Math.max(0, limit - change.remaining), resetAt: change.resetAt }
  }
  return {
    of(caller, resource) {
      const name = `${nameOf(caller)} ${resource}`
      const known = budgets.get(name)
      if (known !== undefined && known.resetAt > Date.now()) return known
      const budget = fresh(caller, resource)
      budgets.set(name, budget)
      return budget
    },
    set({ remaining, resetAt, resource }) {
      const change = { remaining, resetAt: resetAt?.getTime() ?? Date.now() + hour }
      for (const each of resource === undefined ? (['core', 'graphql'] as const) : [resource]) {
        changes.set(each, change)
        for (const name of budgets.keys()) if (name.endsWith(` ${each}`)) budgets.delete(name)
      }
    },
  }
}

export function remainingOf(budget: Budget): number {
  return Math.max(0, budget.limit - budget.used)
}

export function rateHeaders(budget: Budget, resource: Resource): Record<string, string> {
  return {
    'x-ratelimit-limit': String(budget.limit),
    'x-ratelimit-remaining': String(remainingOf(budget)),
    'x-ratelimit-used': String(budget.used),
    'x-ratelimit-reset': String(resetSeconds(budget)),
    'x-ratelimit-resource': resource,
  }
}

/** Rounded up: who waits until then finds the budget fresh. */
export function resetSeconds(budget: Budget): number {
  return Math.ceil(budget.resetAt / 1000)
}

/** `installation ID 3`, as GitHub's message has it. */
export function nameOf(caller: Caller): string {
  if (caller.kind === 'installation') return `installation ID ${caller.grant.installation.id}`
  if (caller.kind === 'user') return `user ${caller.login}`
  return caller.kind === 'app' ? 'app' : '127.0.0.1'
}
