import { ok } from '../answer.ts'
import { objectAt } from '../json.ts'
import { type Budget, remainingOf, resetSeconds } from '../rate-limits.ts'
import type { Route } from './route.ts'

export const rateLimitRoute: Route = {
  operation: 'GET /rate_limit',
  answer({ caller }, scene) {
    const example = objectAt(scene.examples().get('rate-limit-overview'))
    const core = budgetShape(scene.rates.of(caller, 'core'))
    const graphql = budgetShape(scene.rates.of(caller, 'graphql'))
    return ok({ resources: { ...objectAt(example, 'resources'), core, graphql }, rate: core })
  },
}

function budgetShape(budget: Budget): Record<string, number> {
  return { limit: budget.limit, used: budget.used, remaining: remainingOf(budget), reset: resetSeconds(budget) }
}
